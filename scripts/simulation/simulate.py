"""Write simulated datasets in the bundle's folder layout."""

from __future__ import annotations

import logging
import zlib
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from ..io.atomic_file import write_atomically
from ..io.nifti_writer import write_nifti
from ..io.user_error import BadInput, MissingInput
from ..vessels.swc import read_swc
from .arterial_tree import grow_arterial_tree
from .tof_mra import SimulatedScan, TofMraSimulator
from .tree_masks import draw_tree_mask

logger = logging.getLogger(__name__)

FOLDERS = {"train": "training", "training": "training", "validation": "validation", "test": "test"}


@dataclass(frozen=True)
class Case:
    """One scan to simulate: its split, its name, and its tree's SWC file (None: grow a tree)."""

    split: str
    name: str
    swc: Path | None = None


class DatasetSimulator:
    """Simulate scans, one per tree, and 2D guidance masks; files that exist are not made again.

    Args:
        simulator: makes a scan of a tree.
        output_dir: dataset folder to write.
        trees: folder whose sub-folders `train`, `validation`, `test` hold SWC files, or None to grow trees.
        cases: per split, the number of grown cases or their names, such as `{"training": 8, "test": ["demo"]}`; with
            `trees` the number of files taken from a split. None takes all of them, or grows 34 / 1 / 5.
        mask_count: number of generated 2D masks.
        masks_dir: sub-folder for them.
        seed: of the dataset; each case has a stream of its own, made of this seed and its name.
        processes: scans simulated side by side; each needs about 1.5 GB at 0.6 mm.
        training_labels: write the labels of training cases too. Only supervised baselines read them.

    Raises:
        FileNotFoundError: `trees` is not a folder.
        ValueError: it holds no SWC file in the expected sub-folders, a split is unknown, or neither counted nor named.
    """

    def __init__(
        self,
        simulator: TofMraSimulator,
        output_dir: str,
        trees: str | None = None,
        cases: dict[str, int | list[str]] | None = None,
        mask_count: int = 80,
        masks_dir: str = "masks_2d",
        seed: int = 0,
        processes: int = 1,
        training_labels: bool = False,
    ) -> None:
        if mask_count < 0 or processes < 1:
            raise BadInput(f"mask_count must not be negative and processes at least 1: {mask_count}, {processes}.")
        self.simulator = simulator
        self.output_dir = Path(output_dir)
        self.cases = list_cases(trees, cases)
        self.mask_count = mask_count
        self.masks_dir = masks_dir
        self.seed = seed
        self.processes = processes
        self.training_labels = training_labels

    def run(self) -> None:
        """Simulate and write all that is missing. All SWC files are read first, so that a bad one fails at once."""
        for case in self.cases:
            if case.swc is not None:
                read_swc(case.swc)
        missing = [case for case in self.cases if not self._is_written(case)]
        logger.info("%d of %d scans are to be simulated in %s", len(missing), len(self.cases), self.output_dir)
        self._write_masks()
        with tqdm(total=len(missing), desc="simulate", unit="scan") as bar:
            if self.processes == 1:
                for case in missing:
                    self.write_case(case)
                    bar.update()
                return
            # spawned, not forked: the parent may have started threads
            with ProcessPoolExecutor(self.processes, mp_context=get_context("spawn")) as pool:
                for done in as_completed([pool.submit(self.write_case, case) for case in missing]):
                    done.result()
                    bar.update()

    def write_case(self, case: Case) -> None:
        """Simulate one case and write image, brain mask and label (of a training case only if `training_labels`)."""
        entropy = (self.seed, zlib.crc32(case.name.encode()))
        tree = grow_arterial_tree(seed=entropy) if case.swc is None else read_swc(case.swc)
        result = self.simulator(tree, entropy)
        write_scan(result, self.output_dir / case.split, case.name, self._is_labelled(case))

    def _is_labelled(self, case: Case) -> bool:
        return self.training_labels or case.split != "training"

    def _is_written(self, case: Case) -> bool:
        folders = ["images", "labels"] if self._is_labelled(case) else ["images"]
        return all((self.output_dir / case.split / folder / f"{case.name}.nii.gz").is_file() for folder in folders)

    def _write_masks(self) -> None:
        for index in range(self.mask_count):
            path = self.output_dir / self.masks_dir / f"tree_{index:03d}.png"
            if not path.is_file():
                mask = draw_tree_mask(seed=(self.seed, index))
                write_atomically(path, Image.fromarray(mask.astype(np.uint8) * 255).save)


def list_cases(trees: str | None, cases: dict[str, int | list[str]] | None) -> list[Case]:
    """The scans to simulate; see `DatasetSimulator` for arguments and errors."""
    for split, wanted in (cases or {}).items():
        counted = isinstance(wanted, int) and wanted >= 0
        named = isinstance(wanted, list) and all(isinstance(name, str) for name in wanted)
        if split not in FOLDERS.values() or not (counted or named):
            raise BadInput(f"cases must count (or name) training, validation and test scans, got {cases}.")
    if trees is None:
        found = []
        for split, wanted in (cases or {"training": 34, "validation": 1, "test": 5}).items():
            names = [f"grown_{split}_{i:03d}" for i in range(wanted)] if isinstance(wanted, int) else wanted
            found += [Case(split, name) for name in names]
        return found
    if not Path(trees).is_dir():
        raise MissingInput(f"{trees}: no such folder of SWC files.")
    found = []
    for folder, split in FOLDERS.items():
        files = sorted((Path(trees) / folder).glob("*.swc"))
        count = cases.get(split, 0) if cases is not None else len(files)
        if not isinstance(count, int):
            raise BadInput(f"With a folder of trees, cases must hold numbers, got {cases}.")
        found += [Case(split, path.stem, path) for path in files[:count]]
    if not found:
        raise BadInput(f"{trees}: no *.swc file in its sub-folders train, validation or test.")
    return found


def write_scan(result: SimulatedScan, folder: Path, name: str, with_label: bool, with_mask: bool = True) -> None:
    """Write a scan into `folder`'s images, brain_masks and labels; the image comes last and marks a whole case."""
    volumes = {"brain_masks": result.brain_mask.astype(np.uint8)} if with_mask else {}
    if with_label:
        volumes["labels"] = result.label.astype(np.uint8)
    volumes["images"] = np.clip(np.rint(result.scan), 0, np.iinfo(np.int16).max).astype(np.int16)
    for kind, volume in volumes.items():
        write_nifti(folder / kind / f"{name}.nii.gz", volume, result.affine)
