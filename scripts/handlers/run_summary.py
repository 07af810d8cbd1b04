"""The table of an inference run."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import torch
from monai.data import MetaTensor

from ..graph.graph_files import SUMMARY_COLUMNS

COLUMNS = ("name", "vessel_volume_ml", *SUMMARY_COLUMNS, "brain_volume_ml", "brain_mask", "seconds", "warnings")
# Of the brain that arteries fill in TOF-MRA. The traced arteries of 40 healthy adults (BraVa, Wright et al. 2013) hold
# 5.6 to 13.7 ml, which is 0.3 to 1.2 % of a brain mask of 1200 to 1800 ml; a slab or thick slices may show less.
PLAUSIBLE_FRACTION = (0.001, 0.015)
PLAUSIBLE_BRAIN = (200.0, 2200.0)  # ml; slabs of half a brain are common


def summary_row(name: str, vessels: MetaTensor, brain: MetaTensor, mask_source: str, seconds: float) -> dict[str, str]:
    """One row of `summary.csv`, without the numbers of the vessel graph (`scripts.graph.graph_files.graph_summary`).

    Args:
        name: of the scan.
        vessels, brain: binary masks on one grid, (1, D, H, W).
        mask_source: "user", "estimated" or "none".
        seconds: from reading the scan to its result.
    """
    voxel = float(vessels.pixdim.prod()) / 1000  # ml
    vessel_ml, brain_ml = (voxel * int(torch.count_nonzero(mask)) for mask in (vessels, brain))
    warnings = "; ".join(_warnings(vessel_ml, brain_ml, mask_source))
    values = (name, f"{vessel_ml:.3f}", f"{brain_ml:.1f}", mask_source, f"{seconds:.1f}", warnings)
    return dict(zip([column for column in COLUMNS if column not in SUMMARY_COLUMNS], values))


def _warnings(vessel_ml: float, brain_ml: float, mask_source: str) -> list[str]:
    warnings = []
    fraction = vessel_ml / brain_ml if brain_ml else 0.0
    if not PLAUSIBLE_FRACTION[0] <= fraction <= PLAUSIBLE_FRACTION[1]:
        low, high = PLAUSIBLE_FRACTION
        warnings.append(f"vessels fill {fraction:.2%} of the brain ({low:.1%} to {high:.1%} expected)")
    if mask_source == "none":
        warnings.append("no brain mask: bright tissue outside the brain may be taken for vessels")
    elif not PLAUSIBLE_BRAIN[0] <= brain_ml <= PLAUSIBLE_BRAIN[1]:
        warnings.append(f"brain mask of {brain_ml:.0f} ml, look at it")
    return warnings


def add_row(file: Path, row: dict[str, str]) -> None:
    """Add a row to `summary.csv`, in place of an earlier one of the same name."""
    rows = {row["name"]: row}
    if file.exists():
        with open(file, newline="") as stream:
            rows = {old["name"]: old for old in csv.DictReader(stream)} | rows
    temporary = file.with_name(f".part_{file.name}")
    with open(temporary, "w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows.values())
    os.replace(temporary, file)
