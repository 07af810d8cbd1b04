"""Which brain mask belongs to a scan."""

from __future__ import annotations

from pathlib import Path

from ..io.result_names import BRAIN_MASK
from .scan_files import named, scan_name


def with_brain_mask(case: dict[str, str], mask_folders: list[Path]) -> dict[str, str]:
    """Pair a scan with its brain mask: a file of its name in `mask_folders`, else `<name>_brain_mask.*` beside it."""
    scan = Path(case["image"])
    name = scan_name(scan)
    candidates = [named(folder, name) for folder in mask_folders] + [named(scan.parent, name + BRAIN_MASK)]
    mask = next((path for path in candidates if path), None)
    return case if mask is None else {**case, "brain_mask": str(mask)}
