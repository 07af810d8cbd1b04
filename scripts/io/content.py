"""What tells one scan from another: its content."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from .dicom_files import dicom_files

BLOCK = 2**20
DETACHED = re.compile(rb"^\s*(?:ElementDataFile\s*=|data ?file:)\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)


def file_sha256(*files: Path) -> str:
    """SHA-256, in hex, of what several files hold, one after the other.

    Raises:
        OSError: one cannot be read.
    """
    digest = hashlib.sha256()
    for file in files:
        with open(file, "rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    return digest.hexdigest()


def content_sha256(path: str | Path) -> str:
    """SHA-256, in hex, of a file, with the data files that the header of an .mhd or .nrrd names, or of a DICOM series.

    Names do not count: a copy in another folder has the same.

    Raises:
        OSError: something cannot be read.
    """
    return file_sha256(*_files(Path(path)))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(dicom_files(path))
    if not path.name.lower().endswith((".mhd", ".nrrd")):
        return [path]
    with open(path, "rb") as stream:
        header = stream.read(BLOCK)
    named = DETACHED.findall(header)
    names = [*named, *header.splitlines()] if named else []  # where LIST is said, the names follow, one a line
    files = [path.parent / name.strip().decode(errors="surrogateescape") for name in names if name.strip()]
    return [path, *(file for file in dict.fromkeys(files) if _is_file(file))]


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except (OSError, ValueError):  # the bytes of voxels, taken for a name
        return False
