"""How results are called in a BIDS derivative (BIDS 1.10, "Imaging data types" of its derivatives)."""

from __future__ import annotations

import re

from .result_names import (
    BRAIN_MASK_FILE,
    CENTRELINE,
    CONFIDENCE_FILE,
    PREVIEW,
    PROBABILITY_FILE,
    REPORT,
    SEGMENTS,
    SMALL_FILE,
    SUMMARY,
    SURFACE,
    SURFACE_STL,
    VESSELS_FILE,
)

SCAN = re.compile(r"(?P<folder>sub-[^/_]+/(ses-[^/_]+/)?anat/)(?P<entities>sub-[^/]+)_angio")
ENDS = {
    VESSELS_FILE: "_label-vessel_mask.nii.gz",
    PROBABILITY_FILE: "_label-vessel_probseg.nii.gz",
    CONFIDENCE_FILE: "_label-vessel_desc-confidence_probseg.nii.gz",
    BRAIN_MASK_FILE: "_desc-brain_mask.nii.gz",
    SEGMENTS: "_desc-vessels_stats.tsv",
    CENTRELINE: "_desc-vessels_centreline.swc",
    PREVIEW: "_desc-vessels_preview.png",
    SMALL_FILE: "_desc-vessels_preview.nii.gz",
    SURFACE: "_desc-vessels.surf.gii",
    SURFACE_STL: "_desc-vessels.stl",
}
# what the standard has no name for; its validator passes over it
IGNORED = ("*.swc", "*.png", "*_preview.nii.gz", "*.stl", "*.surf.gii", "*_stats.tsv", "*_stats.json", SUMMARY, REPORT)


def is_bids_name(name: str) -> bool:
    """Whether a case is called by the place of its angiogram in a BIDS tree, `sub-01/ses-1/anat/sub-01_ses-1_angio`."""
    return SCAN.fullmatch(name) is not None


def bids_file(name: str, end: str) -> str:
    """Path of a result below the derivative's root: the entities of the scan stay, its suffix goes.

    Args:
        name: of the case, see `is_bids_name`.
        end: what the result is, one of the ends in `result_names`; one without a name in BIDS is appended as it is.

    Raises:
        ValueError: the name is no angiogram's.
    """
    scan = SCAN.fullmatch(name)
    if scan is None:
        raise ValueError(f"{name}: no angiogram of a BIDS tree is called so.")
    return scan["folder"] + scan["entities"] + ENDS.get(end, end)
