"""Which brain mask belongs to a scan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .companions import BRAIN_MASK_ENDS
from .scan_files import SEGMENTATION, scan_name, volumes_in

FOLDER = "brain_masks"
ENDS = tuple(end.lower() for end in BRAIN_MASK_ENDS)


def with_brain_masks(cases: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Give every case its `brain_mask`, where it has none yet and there is one.

    It is a file in a folder `brain_masks`, in the scan's folder or beside it, of the scan's name, also followed by one
    of `BRAIN_MASK_ENDS`; else a file beside the scan, of its name and such an end. Of several the first in this order.
    Capitals in ends and extensions do not matter.
    """
    listings: dict[Path, dict[tuple[str, str], Path]] = {}  # a folder is listed once, whatever the number of scans
    paired = []
    for case in cases:
        scan = Path(case["image"])
        name, folders = scan_name(scan), (scan.parent / FOLDER, scan.parent.parent / FOLDER, scan.parent)
        for folder in folders:
            if folder not in listings:
                listings[folder] = _masks_in(folder)
        candidates = [(folder, end) for folder in folders for end in ("", *ENDS) if end or folder != scan.parent]
        masks = [mask for folder, end in candidates if (mask := listings[folder].get((name, end)))]
        paired.append(case if "brain_mask" in case or not masks else {**case, "brain_mask": str(masks[0])})
    return paired


def masks_in(folder: Path) -> list[Path]:
    """Files of a folder of brain masks, whatever they hold."""
    return volumes_in(folder) if folder.is_dir() else []


def _masks_in(folder: Path) -> dict[tuple[str, str], Path]:
    """Files by the name of the scan that they may belong to, and the end that follows it."""
    found: dict[tuple[str, str], Path] = {}
    for path in masks_in(folder):
        segmentation = path.name.lower().endswith(SEGMENTATION)
        name = path.name[: -len(SEGMENTATION)] if segmentation else scan_name(path)
        found.setdefault((name, ""), path)
        for end in ENDS:
            if name.lower().endswith(end):
                found.setdefault((name[: -len(end)], end), path)
    return found
