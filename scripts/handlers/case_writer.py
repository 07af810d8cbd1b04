"""What inference leaves on disk."""

from __future__ import annotations

import csv
import logging
import os
import time
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.data import MetaTensor
from monai.transforms import LoadImage, Orientation

from ..data.datalist import scan_name
from .case_preview import case_preview

COLUMNS = ("name", "vessel_volume_ml", "brain_volume_ml", "brain_mask", "seconds", "warnings")
PLAUSIBLE_FRACTION = (0.001, 0.08)  # of the brain that arteries fill in TOF-MRA
PLAUSIBLE_BRAIN = (200.0, 2200.0)  # ml; slabs of half a brain are common

logger = logging.getLogger(__name__)


class CaseWriter:
    """Ignite handler: writes the files of every case as it is done, and one row of `summary.csv`.

    Per case `<name>_vessels.nii.gz` (uint8), `<name>_probability.nii.gz` (float32), `<name>_preview.png`, and
    `<name>_brain_mask.nii.gz` when the mask was estimated, all on the scan's own grid. A file is written under a
    temporary name and renamed. `summary.csv` keeps the rows of earlier runs into the same folder.

    It is a handler, not a transform of `postprocessing`, because MONAI Label runs those and keeps its own files.

    Args:
        output_dir: made if it does not exist.
    """

    def __init__(self, output_dir: str) -> None:
        self.output_dir = Path(output_dir)
        self.start = 0.0

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.make_folder)
        engine.add_event_handler(Events.GET_BATCH_STARTED, self.start_clock)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.write)

    def make_folder(self, engine: Engine) -> None:
        self.output_dir.mkdir(parents=True, exist_ok=True)

    def start_clock(self, engine: Engine) -> None:
        self.start = time.perf_counter()

    def write(self, engine: Engine) -> None:
        for batch, output in zip(engine.state.batch, engine.state.output):
            self.write_case({**batch, **output})

    def write_case(self, case: dict[str, Any]) -> None:
        """Write one postprocessed case: `pred`, `probability`, `brain_mask` on the scan's grid, `mask_source`."""
        path = case["pred"].meta["filename_or_obj"]
        name = scan_name(path)
        self._write_volume(f"{name}_vessels.nii.gz", case["pred"], np.uint8)
        self._write_volume(f"{name}_probability.nii.gz", case["probability"], np.float32)
        if case["mask_source"] == "estimated":
            self._write_volume(f"{name}_brain_mask.nii.gz", case["brain_mask"], np.uint8)
        scan, vessels, brain = _ras(_load(path)), _ras(case["pred"]), _ras(case["brain_mask"])
        truth = _ras(_load(case["truth"]))[0].numpy() if "truth" in case else None
        spacing = vessels.pixdim.tolist()
        picture = case_preview((scan * brain)[0].numpy(), vessels[0].numpy(), spacing, truth)
        self._replace(f"{name}_preview.png", picture.save)
        row = _summary(name, vessels, brain, case["mask_source"], time.perf_counter() - self.start)
        self._write_summary(row)
        logger.info("%s: %s ml of vessel in %s s. %s", *[row[c] for c in ("name", *COLUMNS[1:2], *COLUMNS[4:])])

    def _write_volume(self, filename: str, volume: MetaTensor, dtype: type) -> None:
        # (1, D, H, W) -> (D, H, W); the affine as read, free of the rounding of transforms and their inverses
        image = nib.Nifti1Image(volume[0].cpu().numpy().astype(dtype), np.asarray(volume.meta["original_affine"]))
        image.header.set_xyzt_units("mm")
        self._replace(filename, lambda path: nib.save(image, path))

    def _replace(self, filename: str, write: Any) -> None:
        temporary = self.output_dir / f".part_{filename}"
        write(temporary)
        os.replace(temporary, self.output_dir / filename)

    def _write_summary(self, row: dict[str, str]) -> None:
        file = self.output_dir / "summary.csv"
        rows = {row["name"]: row}
        if file.exists():
            with open(file, newline="") as stream:
                rows = {old["name"]: old for old in csv.DictReader(stream)} | rows

        def write(path: Path) -> None:
            with open(path, "w", newline="") as stream:
                writer = csv.DictWriter(stream, COLUMNS)
                writer.writeheader()
                writer.writerows(rows.values())

        self._replace(file.name, write)


def _load(path: str) -> MetaTensor:
    return LoadImage(image_only=True, ensure_channel_first=True, dtype=np.float32)(path)  # (1, D, H, W)


def _ras(volume: MetaTensor) -> MetaTensor:
    return Orientation(axcodes="RAS", labels=None)(volume.cpu())


def _summary(name: str, vessels: MetaTensor, brain: MetaTensor, source: str, seconds: float) -> dict[str, str]:
    voxel = float(vessels.pixdim.prod()) / 1000  # ml
    vessel_ml, brain_ml = (voxel * int(torch.count_nonzero(mask)) for mask in (vessels, brain))
    warnings = []
    fraction = vessel_ml / max(brain_ml, voxel)
    if not PLAUSIBLE_FRACTION[0] <= fraction <= PLAUSIBLE_FRACTION[1]:
        expected = "{:.1%} to {:.0%}".format(*PLAUSIBLE_FRACTION)
        warnings.append(f"vessels fill {fraction:.2%} of the brain ({expected} expected)")
    if source == "none":
        warnings.append("no brain mask: bright tissue outside the brain may be taken for vessels")
    elif not PLAUSIBLE_BRAIN[0] <= brain_ml <= PLAUSIBLE_BRAIN[1]:
        warnings.append(f"brain mask of {brain_ml:.0f} ml, look at it")
    values = (name, f"{vessel_ml:.3f}", f"{brain_ml:.1f}", source, f"{seconds:.1f}", "; ".join(warnings))
    return dict(zip(COLUMNS, values))
