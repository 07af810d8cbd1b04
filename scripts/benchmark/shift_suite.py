"""Writes the suite of shifts and scores weights on it."""

from __future__ import annotations

import csv
import logging
import zlib
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from tqdm import tqdm

from ..checks.workflow import run_config
from ..io.markdown_table import markdown_table
from ..io.user_error import BadInput, MissingInput
from ..metrics.report import write_texts
from ..simulation.arterial_tree import grow_arterial_tree
from ..simulation.simulate import Case, list_cases, write_scan
from ..simulation.tof_mra import TofMraSimulator, random_streams
from ..vessels.swc import read_swc
from .shifted_scan import shifted_scan
from .shifts import SHIFTS, Shift

logger = logging.getLogger(__name__)

SCORES = ("DSC", "clDice")


def write_shifts(
    output_dir: str, trees: str | None, real: int = 5, grown: int = 5, names: Sequence[str] | None = None, seed: int = 0
) -> None:
    """Simulate `output_dir/<shift>/test/{images,labels,brain_masks}`; scans that are there are left alone.

    Args:
        output_dir: of the suite.
        trees: folder with `test` of SWC files; None: grown trees alone.
        real, grown: number of scans over each kind of tree in every shift.
        names: of the shifts; None is all.
        seed: of the scans.

    Raises:
        ValueError: a name is no shift's; and see `list_cases`.
    """
    known = {shift.name for shift in SHIFTS}
    if unknown := [name for name in names or () if name not in known]:
        there = ", ".join(shift.name for shift in SHIFTS)
        raise BadInput(f"no shift is called {', '.join(unknown)}; there are {there}.")
    cases = list_cases(trees, {"test": real}) if trees and real else []
    cases += list_cases(None, {"test": [f"grown_shift_{i:03d}" for i in range(grown)]})
    shifts = [shift for shift in SHIFTS if names is None or shift.name in names]
    for case in tqdm(cases, desc="shifts", unit="tree"):
        _write_case(Path(output_dir), case, shifts, seed)


def _write_case(folder: Path, case: Case, shifts: Sequence[Shift], seed: int) -> None:
    """All shifts of one tree."""
    entropy = (seed, zlib.crc32(case.name.encode()))
    tree = grow_arterial_tree(seed=entropy) if case.swc is None else read_swc(case.swc)
    settings: dict[str, Any] | None = None
    for shift in shifts:
        target = folder / shift.name / "test"
        if (target / "images" / f"{case.name}.nii.gz").is_file():
            continue
        if shift.settings != settings:
            settings = shift.settings
            simulator = TofMraSimulator(**settings)
            anatomy, vessels, scanner = random_streams(entropy)
            parts = simulator.signal(tree, anatomy, vessels, scanner)
        scan = shifted_scan(parts, tree, simulator, shift, scanner)
        write_scan(scan, target, case.name, with_label=True, with_mask=shift.mask != "estimated")


def score_shifts(dataset_dir: str, output_dir: str, config_file: Sequence[str], **settings: Any) -> None:
    """Evaluate weights on every shift of a suite, and write and print one table, `shifts.md`.

    A shift whose scores are there is not scored anew.

    Args:
        dataset_dir: what `write_shifts` wrote.
        output_dir: `<shift>/metrics.csv` and the table.
        config_file: configs/inference.yaml and evaluate.yaml, which lies over it.
        **settings: of it, such as `ckpt` and `threshold`.

    Raises:
        FileNotFoundError: there is no shift in `dataset_dir`.
    """
    names = [shift.name for shift in SHIFTS if (Path(dataset_dir) / shift.name).is_dir()]
    if not names:
        raise MissingInput(f"{dataset_dir}: holds no shift; configs/shifts.yaml makes the suite.")
    rows = {}
    for name in names:
        scores = Path(output_dir) / name / "metrics.csv"
        scans = list((Path(dataset_dir) / name / "test" / "images").iterdir())
        if not scores.is_file() or len(_read(scores)) < len(scans):
            run_config(config_file, dataset_dir=f"{dataset_dir}/{name}", output_dir=str(scores.parent), **settings)
        rows[name] = _read(scores)
        table = shift_table(rows)
        write_texts(output_dir, {"shifts.md": table})
    print(table)


def shift_table(rows: dict[str, list[dict[str, str]]]) -> str:
    """Markdown: mean DSC and clDice of every shift, then the mean and the least over the shifts.

    Args:
        rows: of each shift the rows of its metrics.csv.
    """
    means = {name: [mean(float(row[score]) for row in cases) for score in SCORES] for name, cases in rows.items()}
    columns = list(zip(*means.values()))
    means |= {"**mean**": [mean(column) for column in columns], "**worst**": [min(column) for column in columns]}
    return (
        markdown_table(
            ["shift", *SCORES], [[name, *(f"{value:.3f}" for value in values)] for name, values in means.items()]
        )
        + "\n"
    )


def _read(scores: Path) -> list[dict[str, str]]:
    with scores.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
