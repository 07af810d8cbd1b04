"""Scans of a BIDS tree (Brain Imaging Data Structure, Gorgolewski et al., Scientific Data 2016)."""

from __future__ import annotations

from pathlib import Path

from .mask_pairing import with_brain_mask
from .scan_files import refuse_duplicates, scan_name

ANGIOGRAMS = ("sub-*/anat/*_angio.nii*", "sub-*/ses-*/anat/*_angio.nii*")  # BIDS' suffix of MR angiography


def is_bids(folder: Path) -> bool:
    """Whether a folder is a BIDS tree: it describes itself as one, or holds subjects with anatomical scans."""
    subjects = (folder.glob(pattern.rsplit("/", 1)[0]) for pattern in ANGIOGRAMS)
    return (folder / "dataset_description.json").is_file() or any(next(found, None) for found in subjects)


def bids_cases(folder: Path) -> list[dict[str, str]]:
    """Every angiogram of every subject and session, in the order of their paths; `derivatives` are not searched.

    Returns:
        list of dictionaries: `image`, `brain_mask` where a `<scan>_brain_mask.*` lies beside it, and `name`, the scan's
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
    if not scans:
        raise FileNotFoundError(
            f"{folder}: a BIDS tree without sub-*/[ses-*/]anat/*_angio.nii.gz; name its scans in a JSON list."
        )
    refuse_duplicates(scans)
    names = [scan.parent.relative_to(folder).as_posix() + f"/{scan_name(scan)}" for scan in scans]
    return [with_brain_mask({"image": str(scan), "name": name}, []) for scan, name in zip(scans, names)]
