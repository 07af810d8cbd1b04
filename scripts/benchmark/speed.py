"""The measurements of `configs/speed.yaml`, one after the other, each in a process of its own."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..io.atomic_file import write_atomically
from ..io.nifti_writer import write_nifti
from ..io.user_error import BadInput
from .apart import Cost, measure_apart
from .growth_plot import write_growth_plot
from .phantom import Shape, brain_phantom
from .pipeline import PipelineSystem
from .speed_table import growth_table, read_growth, systems_table
from .system import FrangiSystem, NetworkSystem

PIPELINE = "pipeline"

logger = logging.getLogger(__name__)


class SpeedBenchmark:
    """Measures systems on a phantom, and one of them on phantoms of growing size.

    Measurements are kept in `output_dir`, a JSON file each, and not made again: after an interruption, or for more
    systems, give the command again. `speed.md` holds the tables; `growth.png` is a picture of the last one, where
    matplotlib is installed.

    Args:
        output_dir: of results; also keeps the phantoms, 4 + 2 + 1 bytes a voxel, and the masks.
        shape: of the phantom, voxels.
        spacing: mm.
        brain_share: of the phantom's volume.
        systems: by name; the first is the one that others are compared with.
        pipeline: a whole run of inference, from the scan's file to all of its results.
        growing: name of the system to measure on growing phantoms.
        growth: their voxels relative to the phantom's.
        only: names of systems, or "pipeline", to measure on the phantom; None measures all.

    Raises:
        ValueError: `only` or `growing` names no system.
    """

    def __init__(
        self,
        output_dir: str,
        shape: Sequence[int],
        spacing: float,
        brain_share: float,
        systems: Mapping[str, NetworkSystem | FrangiSystem],
        pipeline: PipelineSystem,
        growing: str,
        growth: Sequence[float],
        only: Sequence[str] | None = None,
    ) -> None:
        self.folder = Path(output_dir)
        self.shape: Shape = (shape[0], shape[1], shape[2])
        self.spacing = spacing
        self.brain_share = brain_share
        self.measurable = {**systems, PIPELINE: pipeline}
        self.growing = growing
        self.growth = growth
        self.only = list(self.measurable) if only is None else list(only)
        unknown = {*self.only, growing} - self.measurable.keys()
        if unknown:
            raise BadInput(f"{', '.join(sorted(unknown))}: no such system; there are {', '.join(self.measurable)}.")

    def run(self) -> None:
        """Measure what is missing and write the tables."""
        for factor in self.growth:
            depth, height, width = (max(round(side * factor ** (1 / 3)), 1) for side in self.shape)
            self._measure(self.growing, (depth, height, width))
        for name in self.only:
            self._measure(name, self.shape)
        here = folder_name(self.shape)
        systems = systems_table(self.folder / here, list(self.measurable))
        growth = read_growth(self.folder, self.growing)
        table = growth_table(growth)
        text = f"{here} voxels, one thread; memory is above the loaded scan.\n\n{systems}\n{self.growing}:\n\n{table}"
        write_atomically(self.folder / "speed.md", lambda path: path.write_text(text))
        logger.info("%s", text)
        if find_spec("matplotlib") is None:
            logger.warning("growth.png is not drawn: it needs matplotlib (pip install matplotlib==3.10.7).")
        else:
            write_growth_plot(self.folder / "growth.png", self.growing, growth)

    def _measure(self, name: str, shape: Shape) -> None:
        folder = self.folder / folder_name(shape)
        result = folder / f"{name}.json"
        if result.is_file():
            return
        if not (folder / "normalised.npy").is_file():
            measure_apart(make_phantom, folder, shape, self.spacing, self.brain_share)
        logger.info("measuring %s on %s voxels", name, folder.name)
        cost: Cost = measure_apart(self.measurable[name].measure, folder, name)
        figures = (cost.seconds, cost.cpu_seconds, cost.above, cost.loaded)
        logger.info("%s: %.0f s, %.0f s of processor, %.0f MiB above %.0f", name, *figures)
        write_atomically(result, lambda path: path.write_text(json.dumps(asdict(cost))))


def folder_name(shape: Shape) -> str:
    """Name of the folder of a phantom, such as 674x674x184."""
    return "x".join(map(str, shape))


def make_phantom(folder: Path, shape: Shape, spacing: float, brain_share: float) -> None:
    """Write a phantom: `images/scan.nii.gz`, `brain_masks/scan.nii.gz`, and `normalised.npy`, which comes last."""
    phantom = brain_phantom(shape, spacing, brain_share)
    affine = np.diag([spacing, spacing, spacing, 1.0])
    for kind, volume in (("images", phantom.scan), ("brain_masks", phantom.brain_mask)):
        write_nifti(folder / kind / "scan.nii.gz", volume, affine)
    write_atomically(folder / "normalised.npy", lambda path: np.save(path, phantom.normalised()))
