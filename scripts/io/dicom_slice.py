"""The header of one DICOM slice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import itk
import numpy as np

from .dicom_files import compression_of
from .user_error import BadInput

# words of ImageType (DICOM PS3.3, C.7.6.1.1.2, C.8.3.1.1.1) as vendors use them, and what such an image is called here;
# the first of them counts: Siemens calls a projection both MPR and CSA MIP
KINDS = {
    "LOCALIZER": "localiser",
    "SCOUT": "localiser",
    "MIP": "projection",
    "MINIP": "projection",
    "MIN IP": "projection",
    "CSA MIP": "projection",
    "MAX_IP": "projection",
    "PROJECTION IMAGE": "projection",
    "VOLUME RENDER": "projection",
    "P": "phase image",
    "PHASE": "phase image",
    "PHASE MAP": "phase image",
    "VELOCITY": "phase image",
    "R": "real part",
    "REAL": "real part",
    "I": "imaginary part",
    "IMAGINARY": "imaginary part",
    "MPR": "reformat",
    "CSA MPR": "reformat",
    "REFORMATTED": "reformat",
}
PLACE = {"0028|0030": "PixelSpacing", "0020|0032": "ImagePositionPatient", "0020|0037": "ImageOrientationPatient"}
UNCOMPRESSED = ("", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")  # transfer syntaxes (PS3.5, A)
# classes (PS3.4, B.5): of enhanced CT and MR; of secondary capture
ENHANCED = tuple(f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("2.1", "4.1", "4.3", "4.4"))
SCREEN_CAPTURES = tuple(f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("7", "7.1", "7.2", "7.3", "7.4"))


@dataclass(frozen=True)
class DicomSlice:
    """What is needed of a slice's header to put it into a volume.

    Attributes:
        file: name in its folder.
        series: SeriesInstanceUID; empty where anonymising took it away.
        kind: empty, or one of the values of `KINDS`.
        modality: MR for magnetic resonance; empty where the header does not say it.
        missing: what the header does not say of its place; ITK makes it up.
        enhanced: whether the file may hold many frames.
        size: columns, rows, frames.
        spacing: mm, along columns and rows.
        axes: (3, 3), columns, LPS.
        position: (3,) mm, LPS.
    """

    file: str
    series: str
    kind: str
    modality: str
    missing: str
    enhanced: bool
    size: tuple[int, ...]
    spacing: tuple[float, ...]
    axes: np.ndarray
    position: np.ndarray


def read_slice(path: Path) -> DicomSlice:
    """Read a slice's header.

    Raises:
        ValueError: it is damaged, lacks pixels, or is compressed in a way that is not known.
    """
    reader = itk.GDCMImageIO.New()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise BadInput(
            f"{path.parent}: {path.name} is damaged, no image, or of a compression that cannot be read (transfer "
            f"syntax {compression_of(path) or 'unknown'}); copy the series anew, convert it to NIfTI, e.g. with "
            "dcm2niix, or take the file out."
        ) from error
    tags = reader.GetMetaDataDictionary()

    def text(tag: str) -> str:
        return str(tags[tag]).strip("\0 ") if tags.HasKey(tag) else ""

    words = {word.strip() for word in text("0008|0008").upper().split("\\")}
    kind = next((kind for word, kind in KINDS.items() if word in words), "")
    missing = next((name for tag, name in PLACE.items() if not text(tag)), "")
    size = tuple(reader.GetDimensions(i) if i < reader.GetNumberOfDimensions() else 1 for i in range(3))
    stored = math.prod(size) * int(text("0028|0100") or 0) // 8  # bytes, of one value a pixel
    if compression_of(path) in UNCOMPRESSED and path.stat().st_size < stored:  # GDCM makes the rest up
        raise BadInput(f"{path.parent}: {path.name} is damaged: it lacks pixels; copy the series anew.")
    return DicomSlice(
        file=path.name,
        series=text("0020|000e"),
        kind="screen capture" if missing and text("0008|0016") in SCREEN_CAPTURES else kind,
        modality=text("0008|0060"),
        missing=missing,
        enhanced=size[2] > 1 or text("0008|0016") in ENHANCED,
        size=size,
        spacing=tuple(reader.GetSpacing(i) for i in range(2)),
        axes=np.array([reader.GetDirection(i) for i in range(3)]).T,
        position=np.array([reader.GetOrigin(i) for i in range(3)]),
    )
