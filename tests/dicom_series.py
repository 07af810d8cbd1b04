"""Writes a volume as a DICOM series, slice by slice, with ITK; and changes headers, with pydicom."""

from __future__ import annotations

import locale
from collections.abc import Callable
from pathlib import Path
from typing import Any

import itk
import numpy as np
import pydicom

from tests.phantom import LPS, grid, phantom

SHAPE = (20, 18, 6)
SPACING = (0.5, 0.6, 0.8)


def save_series(
    folder: Path, array: np.ndarray, affine: np.ndarray, uid: str = "1.2.3.4", frame: str = "1.2.3.5"
) -> list[Path]:
    """One file per slice along the last axis of `array` (D, H, W); `affine` is RAS, as in NIfTI.

    Args:
        uid, frame: UIDs of the series and of its frame of reference.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    axes = lps[:3, :3] / spacing
    files = []
    before = locale.setlocale(locale.LC_ALL)
    for index in range(array.shape[2]):
        position = lps[:3, 3] + index * lps[:3, 2]
        image = itk.image_from_array(np.ascontiguousarray(array[:, :, index : index + 1].T.astype(np.uint16)))
        image.SetSpacing(spacing.tolist())
        image.SetOrigin(position.tolist())
        image.SetDirection(itk.matrix_from_array(np.ascontiguousarray(axes)))
        tags = image.GetMetaDataDictionary()
        tags["0008|0060"] = "MR"
        tags["0010|0010"] = "Doe^Jane"
        tags["0020|000d"] = "1.2.3"
        tags["0020|000e"] = uid
        if frame:
            tags["0020|0052"] = frame
        tags["0020|0013"] = str(index + 1)
        tags["0020|0032"] = "\\".join(f"{value:.6f}" for value in position)
        tags["0020|0037"] = "\\".join(f"{value:.6f}" for value in axes[:, :2].T.ravel())
        tags["0018|0050"] = f"{spacing[2]:.6f}"
        tags["0018|0088"] = f"{spacing[2]:.6f}"
        writer = itk.GDCMImageIO.New()
        writer.SetKeepOriginalUID(True)
        file = folder / f"slice_{array.shape[2] - index:03d}.dcm"  # the names' order is not the slices'
        itk.imwrite(image, str(file), imageio=writer)
        files.append(file)
    locale.setlocale(locale.LC_ALL, before)  # ITK's writer of DICOM changes it, and with it the encoding of text
    return files


def edit(files: list[Path], change: Callable[[Any, int], None]) -> None:
    """Let `change` alter the pydicom data set of every file; it is given the slice's number too."""
    for index, file in enumerate(files):
        dataset = pydicom.dcmread(file)
        change(dataset, index)
        dataset.save_as(file)


def without_preamble(file: Path) -> None:
    """Leave out preamble and file meta: the file begins with its data set, in implicit little endian."""
    dataset = pydicom.dcmread(file)
    plain = pydicom.Dataset({element.tag: element for element in dataset})
    plain.save_as(file, implicit_vr=True, little_endian=True, enforce_file_format=False)


def series(folder: Path, axes: np.ndarray = LPS, **kwargs: Any) -> tuple[np.ndarray, np.ndarray, list[Path]]:
    """A series of the phantom: its values and affine, and its files."""
    affine = grid(axes, SPACING, SHAPE)
    array = np.round(phantom(affine, SHAPE)[0])
    return array, affine, save_series(folder, array, affine, **kwargs)
