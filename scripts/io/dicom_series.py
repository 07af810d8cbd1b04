"""A folder with the slices of one DICOM series."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import itk
import numpy as np
from monai.data import ITKReader
from monai.utils import ensure_tuple

from .dicom_files import compression_of, damaged_files, dicom_files
from .dicom_slice import DicomSlice, read_slice
from .scan_warnings import UNLIKE_TOF
from .user_error import BadInput

UNEVEN = 0.05  # of the slice distance; positions are rounded, and a mask is to lie within a fraction of a voxel


class SeriesReader(ITKReader):
    """Reads the files of a series, in their order, as one float32 volume.

    As float, because ITK takes the pixel type of a volume from its first slice: where the rescale slope differs between
    slices and the first one's is 1, the others' values would lose their fractions.
    """

    def read(self, data: Any, **kwargs: Any) -> Any:
        files = [str(file) for file in ensure_tuple(data)]
        try:
            return itk.imread(files, pixel_type=itk.F, **kwargs)
        except RuntimeError as error:
            raise BadInput(
                f"its slices cannot be decoded (transfer syntax {compression_of(files[0]) or 'unknown'}); copy the "
                "series anew, or convert it to NIfTI, e.g. with dcm2niix"
            ) from error


def find_series(folder: str | Path) -> tuple[list[str], list[str]]:
    """The one series of angiography in a folder; checked by its headers: parallel slices at equal distances.

    Localisers, projections, phase images, screen captures and reformats beside one other series are passed over.
    Slices belong together by their SeriesInstanceUID alone: thickness and sequence name may differ between the slabs of
    one scan.

    Returns:
        its files, in the order of the slices; and warnings: what was passed over, and what is odd about the header.

    Raises:
        ValueError: no series or more than one, one of projections, localisers or phase images; a file that `read_slice`
            refuses, or of many frames; slices without position or size of their pixels, or of different ones; missing,
            doubled or unevenly spaced slices, or a tilted gantry.
    """
    if damaged := damaged_files(folder):
        raise BadInput(f"{folder}: {damaged[0]} is damaged or may not be read; copy the series anew or take it out.")
    groups: dict[tuple[str, str], list[DicomSlice]] = {}
    for path in sorted(dicom_files(folder)):
        header = read_slice(path)
        groups.setdefault((header.kind, header.series), []).append(header)
    if not groups:
        raise BadInput(f"{folder}: no readable DICOM slice in it; copy the series anew.")
    acquired = [slices for (kind, _), slices in groups.items() if not kind]
    chosen = acquired or [slices for (kind, _), slices in groups.items() if kind == "reformat"]
    found = ", ".join(_described(slices) for slices in groups.values())
    if not chosen:
        raise BadInput(f"{folder}: holds no angiogram but {found}; give the source images.")
    if len(chosen) > 1:
        raise BadInput(f"{folder}: holds {len(chosen)} series: {found}; put every series in its own folder.")
    (slices,) = chosen
    others = ", ".join(_described(group) for group in groups.values() if group is not slices)
    warnings = [f"passed over in its folder: {others}"] if others else []
    if not acquired:
        warnings.append("its header calls it a reformat")
    if slices[0].modality not in ("MR", ""):
        warnings.append(f"{UNLIKE_TOF}: its header gives the modality {slices[0].modality}")
    return [str(Path(folder) / header.file) for header in _in_order(folder, slices)], warnings


def _described(slices: Sequence[DicomSlice]) -> str:
    count = f"{len(slices)} slice{'s' if len(slices) > 1 else ''}"
    return f"{count} of a {slices[0].kind or 'series'} ({slices[0].file}{', ...' if len(slices) > 1 else ''})"


def _in_order(folder: str | Path, slices: list[DicomSlice]) -> list[DicomSlice]:
    """Slices along their normal; see `find_series` for what is raised."""
    for header in slices:
        if header.enhanced:
            raise BadInput(
                f"{folder}: {header.file} is an enhanced, multi-frame file; convert it to NIfTI, e.g. with dcm2niix."
            )
        if header.missing:
            raise BadInput(
                f"{folder}: {header.file} does not say {header.missing}, without which neither voxels nor mask can be "
                "placed; export the series anew with it."
            )
    first = slices[0]
    if max(np.abs(header.axes - first.axes).max() for header in slices) > 1e-3:
        raise BadInput(f"{folder}: its slices have different orientations; keep one orientation per folder.")
    if any(
        header.size != first.size or np.abs(np.subtract(header.spacing, first.spacing)).max() > 1e-3
        for header in slices
    ):
        raise BadInput(f"{folder}: its slices have different sizes; keep one series per folder.")
    normal = first.axes[:, 2]
    slices = sorted(slices, key=lambda header: float(header.position @ normal))
    if len(slices) > 1:
        _check_positions(folder, slices, normal)
    return slices


def _check_positions(folder: str | Path, slices: list[DicomSlice], normal: np.ndarray) -> None:
    """Check the distances of slices, in their order, along their normal and across it."""
    offset = np.array([header.position - slices[0].position for header in slices])  # (n, 3) mm
    along = offset @ normal  # (n,) mm
    gaps = np.diff(along)
    if gaps.min() < 1e-3:
        double = int(gaps.argmin())
        raise BadInput(
            f"{folder}: {slices[double].file} and {slices[double + 1].file} lie at one place (copies, echoes or time "
            "points?); keep one volume per folder."
        )
    distance = float(np.median(gaps))
    if np.abs(gaps - distance).max() > UNEVEN * distance:
        odd = int(np.abs(gaps - distance).argmax())
        raise BadInput(
            f"{folder}: the slice after {slices[odd].file} lies {gaps[odd]:.2f} mm on, the others {distance:.2f} mm; "
            "slices are missing or unevenly spaced: copy the series anew."
        )
    if np.linalg.norm(offset - along[:, None] * normal, axis=1).max() > UNEVEN * distance * len(slices):
        raise BadInput(f"{folder}: its slices are shifted against each other (tilted gantry); resample it to NIfTI.")
