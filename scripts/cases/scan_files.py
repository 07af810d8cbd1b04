"""File names of scans, and which files of a folder are scans."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from ..io.dicom_files import holds_dicom
from ..io.user_error import BadInput, MissingInput
from .companions import is_companion
from .passed_over import passed_over

FORMATS = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd")
SEGMENTATION = ".seg.nrrd"  # 3D Slicer's

logger = logging.getLogger(__name__)


def scan_name(path: str | Path) -> str:
    """File name without folder and without image extension: `a/sub-01.nii.gz` -> `sub-01`; of a folder its name.

    Raises:
        ValueError: the extension is none of `FORMATS`.
    """
    name = Path(path).name
    for extension in FORMATS:
        if name.lower().endswith(extension):
            return name[: -len(extension)]
    if Path(path).is_dir():
        return name
    raise BadInput(f"{path}: unsupported file type; convert it to one of {', '.join(FORMATS)}.")


def scans_in(folder: Path) -> list[Path]:
    """Scans in a folder, sorted by name: files, and sub-folders that hold a DICOM series.

    What lies beside them and is none (`is_companion`) is left out, which the log says; and it warns of files that look
    like scans and are not read, and of scans in sub-folders (`passed_over`).

    Raises:
        FileNotFoundError: there is none.
        ValueError: two scans of one name.
    """
    images = volumes_in(folder) + [path for path in _visible(folder) if path.is_dir() and holds_dicom(path)]
    names = {scan_name(path).lower() for path in images}
    more = passed_over(folder, FORMATS, names)
    if not images:
        files = [path for path in _visible(folder) if path.is_file()]
        others = more or (f"{files[0].name}, which is not supported" if files else "")
        holds = f"; it holds {others}" if others else ""
        raise MissingInput(f"{folder}: no scan found ({', '.join(FORMATS)}, DICOM){holds}.")
    if more:
        logger.warning("%s: not segmented: %s", folder, more)
    # what a DICOM series holds its headers say, not the name of its folder
    scans = [path for path in images if path.is_dir() or not is_companion(scan_name(path), names)]
    companions = [path.name for path in images if path not in set(scans)]
    if not scans:
        raise MissingInput(f"{folder}: holds masks, labels or results, such as {companions[0]}, but no scan.")
    if companions:
        rest = f" and {len(companions) - 3} more" if len(companions) > 3 else ""
        logger.info("%s: no scans by their names: %s%s", folder, ", ".join(companions[:3]), rest)
    refuse_duplicates(scans)
    return sorted(scans, key=scan_name)


def volumes_in(folder: Path) -> list[Path]:
    """Files of a folder in one of `FORMATS`, sorted, whatever they hold; broken links too, so that they are noticed.

    Raises:
        FileNotFoundError: no such folder.
    """
    return [path for path in _visible(folder) if path.name.lower().endswith(FORMATS) and not path.is_dir()]


def _visible(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise MissingInput(f"{folder}: no such folder.")
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def refuse_duplicates(scans: Iterable[Path]) -> None:
    """Raise ValueError when two scans have one name: their results would overwrite each other."""
    seen: dict[str, Path] = {}
    for scan in scans:
        first = seen.setdefault(scan_name(scan), scan)
        if first != scan:
            raise BadInput(f"{first} and {scan} have the same name and would share their results; rename one.")


def named(folder: Path, name: str) -> Path | None:
    """The image file of a name in a folder, whatever its format, also where the extension is in capitals."""
    extensions = [spelt for extension in (*FORMATS, SEGMENTATION) for spelt in (extension, extension.upper())]
    return next((path for extension in extensions if (path := folder / f"{name}{extension}").is_file()), None)
