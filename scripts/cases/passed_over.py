"""What a folder of scans holds that looks like scans and is not segmented."""

from __future__ import annotations

import os
from collections.abc import Iterator, Set
from itertools import islice
from pathlib import Path

from ..io.dicom_files import is_dicom
from ..io.result_names import SUMMARY

# formats of volumes and archives that are not read
UNREAD = (".mgz", ".mgh", ".img", ".nhdr", ".mnc", ".gipl", ".nii.bz2", ".nii.zst", ".rec", ".zip", ".tgz", ".tar.gz")
PARTS = ("labels", "brain_masks")  # folders whose files belong to the scans beside them
MOST = 1000  # folders that are looked into


def passed_over(folder: Path, formats: tuple[str, ...], names: Set[str]) -> str:
    """A sentence on what is not segmented: files of other formats, and scans in sub-folders; empty where there is none.

    Args:
        folder: of the scans.
        formats: ends of files that are read.
        names: of the scans, in lower case; what has such a name belongs to its scan.
    """
    files = [path.name for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    unread = [name for name in files if _stem(name, UNREAD) not in names | {""}]
    nested = next(_nested(folder, formats, names), None)
    found = [f"{len(unread)} files of a format that is not read, such as {unread[0]} (convert it)"] if unread else []
    found += [f"scans in sub-folders, such as {nested} (give its folder, or a JSON list)"] if nested else []
    return " and ".join(found)


def _nested(folder: Path, formats: tuple[str, ...], names: Set[str]) -> Iterator[Path]:
    """Scans below a folder, but for results and for slices in a folder right below it, which are a scan of its own."""
    for place, folders, files in islice(os.walk(folder), MOST):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in PARTS)
        below = Path(place)
        if SUMMARY in files and below != folder:
            folders.clear()
        elif below != folder:
            volumes = [name for name in sorted(files) if _stem(name, formats) not in names | {""}]
            slices = sorted(files)[:1] if below.parent != folder else []
            yield from (below / name for name in volumes[:1])
            yield from (below for name in slices if is_dicom(below / name))


def _stem(name: str, ends: tuple[str, ...]) -> str:
    """A name in lower case without its end; empty where it has none of the ends."""
    return next((name.lower()[: -len(end)] for end in ends if name.lower().endswith(end)), "")
