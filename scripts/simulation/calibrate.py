"""How hard simulated scans are: what the best threshold and the classical filters reach when they may see the label."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from skimage.filters import frangi, sato

from ..vessels.swc import read_swc
from .tof_mra import SimulatedScan, TofMraSimulator

logger = logging.getLogger(__name__)

SCALES = (0.6, 1.0, 1.5, 2.5)  # voxels, of the filters


def measure_difficulty(
    simulator: TofMraSimulator, trees: str, names: list[str] | None = None, seed: int = 7, filters: bool = True
) -> list[dict[str, float | str]]:
    """Simulate training trees and log, for each, a row of figures inside the brain mask.

    Args:
        simulator: whose settings are measured.
        trees: folder with a sub-folder ``train`` of SWC files; no other split is looked at.
        names: of the files, without suffix; None takes the first four.
        seed: of the scans.
        filters: False leaves out Frangi and Sato, which take minutes.

    Returns:
        One row a tree: name, share of vessel voxels, share of them with a contrast-to-noise ratio below 3, and the
        best Dice scores over all thresholds.

    Raises:
        FileNotFoundError: there is no such tree.
    """
    folder = Path(trees) / "train"
    paths = [folder / f"{name}.swc" for name in names] if names else sorted(folder.glob("*.swc"))[:4]
    if not paths:
        raise FileNotFoundError(f"{folder}: no *.swc file.")
    rows: list[dict[str, float | str]] = []
    for index, path in enumerate(paths):
        row: dict[str, float | str] = {
            "name": path.stem,
            **difficulty(simulator(read_swc(path), (seed, index)), filters),
        }
        logger.info(
            " ".join(f"{key} {value:.4f}" if isinstance(value, float) else str(value) for key, value in row.items())
        )
        rows.append(row)
    return rows


def difficulty(case: SimulatedScan, filters: bool) -> dict[str, float]:
    """The figures of one scan; see :func:`measure_difficulty`."""
    brain = case.brain_mask
    label = case.label[brain]
    row = {
        "vessel_share": float(label.mean()),
        "faint_share": float((case.artery_contrast[brain][label] < 3).mean()),
        "threshold": oracle_dice(case.scan[brain], label),
    }
    if filters:
        # the brain's median outside it: the filters see no edge at its border that is not there
        level = np.median(case.scan[brain])
        window = tuple(slice(axis.min(), axis.max() + 1) for axis in np.nonzero(brain))
        scan = (np.where(brain, case.scan, level) / level)[window].astype(np.float32)
        for name, function in (("sato", sato), ("frangi", frangi)):
            row[name] = oracle_dice(function(scan, sigmas=SCALES, black_ridges=False)[brain[window]], label)
    return row


def oracle_dice(score: np.ndarray, label: np.ndarray) -> float:
    """Highest Dice score that any threshold on ``score`` reaches; both (V,). 0 where there is no vessel."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(label[order])
    last_of_value = np.append(np.diff(score[order]) != 0, True)  # equal scores pass a threshold together
    dice = 2 * hits / (np.arange(1, len(score) + 1) + max(int(label.sum()), 1))
    return float(dice[last_of_value].max())
