"""Which files of a folder are DICOM images."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = (".dcm", ".ima", ".dicom")
HEAD = 2048  # bytes; a file's class and compression stand at its beginning
CLASS = re.compile(rb"1\.2\.840\.10008\.(?:5\.1\.4\.1\.1|1\.3\.10)[\d.]*")
COMPRESSION = re.compile(rb"1\.2\.840\.10008\.1\.2[\d.]*")
# waveforms, presentation states, raw data and segmentations, reports, documents, radiotherapy (PS3.4, B.5); folder list
NO_IMAGES = re.compile(rb"1\.2\.840\.10008\.(5\.1\.4\.1\.1\.(9|11|66|67|68|88|104|481)(\.|$)|1\.3\.10)")


def holds_dicom(folder: Path) -> bool:
    """Whether a folder itself, not its sub-folders, holds DICOM images."""
    return next(dicom_files(folder), None) is not None


def dicom_files(folder: str | Path) -> Iterator[Path]:
    """DICOM images of a folder: no reports, segmentations or lists of the folder."""
    return (path for path in Path(folder).iterdir() if path.is_file() and _is_image(_head(path)))


def damaged_files(folder: str | Path) -> list[str]:
    """Names of files that must be slices, by their extension or since they may not be read, and show no DICOM."""
    files = [path for path in Path(folder).iterdir() if path.is_file() and not path.name.startswith(".")]
    suspects = [path for path in files if path.suffix.lower() in SUFFIXES or not os.access(path, os.R_OK)]
    return sorted(path.name for path in suspects if not is_dicom(path))


def is_dicom(file: Path) -> bool:
    """Whether `DICM` stands after a preamble of 128 bytes (DICOM PS3.10, 7.1), or a data set begins without either.

    Older scanners and some exports leave the preamble out. False where the file may not be read.
    """
    return _is_dicom(_head(file))


def compression_of(file: str | Path) -> str:
    """UID of the transfer syntax, which tells the compression; empty where the file does not say it."""
    found = COMPRESSION.search(_head(Path(file)))
    return found[0].decode() if found else ""


def _is_dicom(head: bytes) -> bool:
    return head[128:132] == b"DICM" or _begins_data_set(head)


def _is_image(head: bytes) -> bool:
    found = CLASS.search(head)
    return _is_dicom(head) and (found is None or NO_IMAGES.match(found[0]) is None)


def _begins_data_set(head: bytes) -> bool:
    """Whether the first element is one of the identifying group 8, its value short, in any byte order (PS3.5, 7.1)."""
    for order in "<>":
        if len(head) >= 12 and struct.unpack(f"{order}HH", head[:4]) in [(8, tag) for tag in (0, 1, 5, 8, 0x12, 0x16)]:
            explicit = re.fullmatch(rb"(UL|CS|DA|UI)", head[4:6]) is not None
            return explicit or struct.unpack(f"{order}I", head[4:8])[0] < 256
    return False


def _head(file: Path) -> bytes:
    try:
        with open(file, "rb") as stream:
            return stream.read(HEAD)
    except OSError:
        return b""
