"""How many voxels a scan has, by its header."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import itk
import nibabel as nib

from .nifti_file import MOST_VOXELS, is_nifti


def voxel_count(files: Sequence[str]) -> int:
    """Voxels of a scan; 0 where its header is senseless, as reading will explain.

    Args:
        files: one, or the slices of a DICOM series; their voxels are not read.
    """
    try:
        count = len(files) * _in_file(files[0])
    except Exception:
        return 0
    return count if count <= MOST_VOXELS else 0


def _in_file(file: str) -> int:
    if is_nifti(file):
        scan: Any = nib.load(file)
        return math.prod(int(side) for side in scan.shape)
    image = itk.ImageIOFactory.CreateImageIO(file, itk.CommonEnums.IOFileMode_ReadMode)
    image.SetFileName(file)
    image.ReadImageInformation()
    return math.prod(image.GetDimensions(axis) for axis in range(image.GetNumberOfDimensions()))
