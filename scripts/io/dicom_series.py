"""A folder with the slices of one DICOM series."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import itk
import numpy as np

from .result_names import DICOM_SEG

UNEVEN = 0.05  # of the slice distance; positions are rounded, and a mask is to lie within a fraction of a voxel


def holds_dicom(folder: Path) -> bool:
    """Whether a folder itself, not its sub-folders, holds DICOM files."""
    return next(dicom_files(folder), None) is not None


def dicom_files(folder: str | Path) -> Iterator[Path]:
    """DICOM files of a folder, but for results of an earlier run."""
    files = (path for path in Path(folder).iterdir() if path.is_file() and not path.name.endswith(DICOM_SEG))
    return (path for path in files if is_dicom(path))


def is_dicom(file: Path) -> bool:
    """Whether `DICM` stands after a preamble of 128 bytes (DICOM PS3.10, 7.1); not where the file may not be read."""
    try:
        with open(file, "rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except OSError:
        return False


def check_series(folder: str | Path) -> str:
    """Check by its headers that a folder holds one whole series of parallel slices at equal distances.

    Returns:
        what ITK identifies the series by.

    Raises:
        ValueError: no series or more than one, a multi-frame file, slices of different orientation or grid, missing,
            doubled or unevenly spaced slices, or a tilted gantry.
    """
    identifier, files = find_series(folder)
    if damaged := {path.name for path in dicom_files(folder)} - {Path(file).name for file in files} - {"DICOMDIR"}:
        raise ValueError(f"{folder}: {min(damaged)} is damaged or no image; copy the series anew or take it out.")
    slices = [_header(file) for file in files]
    size, spacing, axes, origin = (np.array(values) for values in zip(*slices))  # (n, 3), (n, 3), (n, 3, 3), (n, 3)
    if (size[:, 2] > 1).any():
        raise ValueError(f"{folder}: holds a multi-frame file; convert it to NIfTI, e.g. with dcm2niix.")
    if np.ptp(axes, axis=0).max() > 1e-3:
        raise ValueError(f"{folder}: its slices have different orientations; keep one orientation per folder.")
    if np.ptp(size, axis=0).any() or np.ptp(spacing[:, :2], axis=0).max() > 1e-3:
        raise ValueError(f"{folder}: its slices have different sizes; keep one series per folder.")
    if len(files) > 1:
        _check_positions(folder, files, origin - origin[0], axes[0][:, 2])
    return identifier


def find_series(folder: str | Path) -> tuple[str, list[str]]:
    """The one series in a folder: what ITK identifies it by, and its files in the order of the slices.

    Raises:
        ValueError: there is none, or more than one.
    """
    names = itk.GDCMSeriesFileNames.New()
    names.SetUseSeriesDetails(True)  # tells series apart as MONAI's ITKReader does
    names.AddSeriesRestriction("0008|0021")
    names.SetDirectory(str(folder))
    found = [(identifier, list(names.GetFileNames(identifier))) for identifier in names.GetSeriesUIDs()]
    series = [(identifier, files) for identifier, files in found if not files[0].endswith(DICOM_SEG)]
    if not series:
        raise ValueError(f"{folder}: no readable DICOM slice in it; copy the series anew.")
    if len(series) > 1:
        slices = ", ".join(str(len(files)) for _, files in series)
        raise ValueError(f"{folder}: holds {len(series)} series ({slices} slices); put every series in its own folder.")
    return series[0]


def _header(file: str) -> tuple[list[int], list[float], np.ndarray, list[float]]:
    """Size, spacing (mm), axes as columns, and position (mm) of a slice."""
    reader = itk.GDCMImageIO.New()
    reader.SetFileName(file)
    reader.ReadImageInformation()
    size = [reader.GetDimensions(i) if i < reader.GetNumberOfDimensions() else 1 for i in range(3)]
    axes = np.array([reader.GetDirection(i) for i in range(3)]).T  # (3, 3)
    return size, [reader.GetSpacing(i) for i in range(3)], axes, [reader.GetOrigin(i) for i in range(3)]


def _check_positions(folder: str | Path, files: list[str], offset: np.ndarray, normal: np.ndarray) -> None:
    """Check the slices' offsets from the first one, (n, 3) in mm and in the files' order, against their normal."""
    along = offset @ normal  # (n,)
    if np.diff(np.sort(along)).min() < 1e-3:
        raise ValueError(f"{folder}: two slices lie at one place (echoes or time points?); keep one volume per folder.")
    gaps = np.abs(np.diff(along))
    distance = float(np.median(gaps))
    if np.abs(gaps - distance).max() > UNEVEN * distance:
        before = Path(files[int(np.argmax(np.abs(gaps - distance)))]).name
        raise ValueError(
            f"{folder}: the slice after {before} lies {gaps.max():.2f} mm on, the others {distance:.2f} mm; slices are "
            "missing or unevenly spaced: copy the series anew."
        )
    if np.linalg.norm(offset - along[:, None] * normal, axis=1).max() > UNEVEN * distance * len(files):
        raise ValueError(f"{folder}: its slices are shifted against each other (tilted gantry); resample it to NIfTI.")
