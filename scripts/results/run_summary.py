"""The table of an inference run."""

from __future__ import annotations

import torch
from monai.data import MetaTensor

from ..io.scan_warnings import warnings_of
from .graph_files import SUMMARY_COLUMNS

IDENTITY = ("scan", "scan_sha256", "brain_mask_sha256")  # which scan it was, and with which mask
COLUMNS = (
    "name",
    "status",
    "vessel_volume_ml",
    *SUMMARY_COLUMNS,
    "brain_volume_ml",
    "brain_mask",
    "seconds",
    "settings",
    *IDENTITY,
    "warnings",
    "error",
)
# Of the brain that arteries fill in TOF-MRA. The traced arteries of 40 healthy adults (BraVa, Wright et al. 2013) hold
# 5.6 to 13.7 ml, which is 0.3 to 1.2 % of a brain mask of 1200 to 1800 ml; a slab or thick slices may show less.
PLAUSIBLE_FRACTION = (0.001, 0.015)
PLAUSIBLE_BRAIN = (200.0, 2200.0)  # ml; slabs of half a brain are common


def summary_row(name: str, vessels: MetaTensor, brain: MetaTensor, mask_source: str, seconds: float) -> dict[str, str]:
    """One row of `summary.csv`, that of a case that was done, without the numbers of its vessel graph.

    Args:
        name: of the scan.
        vessels, brain: binary masks on one grid, (1, D, H, W); the vessels' meta holds the scan's own warnings.
        mask_source: "user", "estimated" or "none".
        seconds: from reading the scan to its result.
    """
    voxel = float(vessels.pixdim.prod()) / 1000  # ml
    vessel_ml, brain_ml = (voxel * int(torch.count_nonzero(mask)) for mask in (vessels, brain))
    return {
        "name": name,
        "status": "done",
        "vessel_volume_ml": f"{vessel_ml:.3f}",
        "brain_volume_ml": f"{brain_ml:.1f}",
        "brain_mask": mask_source,
        "seconds": f"{seconds:.1f}",
        "warnings": "; ".join([*warnings_of(vessels), *_warnings(vessel_ml, brain_ml, mask_source)]),
    }


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
