"""Scans of a BIDS tree (Brain Imaging Data Structure, Gorgolewski et al., Scientific Data 2016)."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from ..io.user_error import MissingInput
from .companions import PART
from .mask_pairing import with_brain_masks
from .scan_files import refuse_duplicates, scan_name

ANGIOGRAMS = ("sub-*/anat/*_angio.nii*", "sub-*/ses-*/anat/*_angio.nii*")  # BIDS' suffix of MR angiography
# phase and parts of a complex image; projections; what a pipeline derived (BIDS 1.10, entities part, rec, desc, space)
NO_ANGIOGRAM = re.compile(rf"{PART.pattern}|_(desc|space)-", re.IGNORECASE)

logger = logging.getLogger(__name__)


def is_bids(folder: Path) -> bool:
    """Whether a folder is a BIDS tree: it describes itself as one, or holds subjects with anatomical scans."""
    subjects = (folder.glob(pattern.rsplit("/", 1)[0]) for pattern in ANGIOGRAMS)
    return (folder / "dataset_description.json").is_file() or any(next(found, None) for found in subjects)


def bids_cases(folder: Path) -> list[dict[str, str]]:
    """Every angiogram of every subject and session, in the order of their paths; `derivatives` are not searched.

    Phase images, projections and derived images are left out, and the log says so.

    Returns:
        list of dictionaries: `image`, `brain_mask` where there is one (`with_brain_masks`), and `name`, the scan's
        path below the tree without extension, so that results lie in sub-folders like the scans'.

    Raises:
        FileNotFoundError: no angiogram.
        ValueError: one angiogram in two formats.
    """
    scans = sorted(
        scan
        for pattern in ANGIOGRAMS
        for scan in folder.glob(pattern)
        if scan.name.endswith((".nii", ".nii.gz")) and not scan.name.startswith(".")
    )
    others = [scan for scan in scans if NO_ANGIOGRAM.search(scan.name)]
    scans = [scan for scan in scans if scan not in set(others)]
    if not scans:
        but = f" but {others[0].name}, which is a phase image, a projection or derived," if others else ""
        raise MissingInput(
            f"{folder}: a BIDS tree without sub-*/[ses-*/]anat/*_angio.nii.gz{but}; name its scans in a JSON list."
        )
    if others:
        logger.info("%s: passed over are %d phase, projected or derived images", folder, len(others))
    refuse_duplicates(scans)
    names = [scan.parent.relative_to(folder).as_posix() + f"/{scan_name(scan)}" for scan in scans]
    return with_brain_masks([{"image": str(scan), "name": name} for scan, name in zip(scans, names)])
