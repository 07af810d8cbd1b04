"""How many voxels a scan has, by its header."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import itk
import nibabel as nib

from .dicom_files import dicom_files
from .nifti_file import MOST_VOXELS


def voxel_count(path: str) -> int:
    """Voxels of a file, or of all files of a folder of DICOM; 0 where the header is senseless, as reading will explain.

    Args:
        path: of a scan; its voxels are not read.
    """
    try:
        count = _count(path)
    except Exception:
        return 0
    return count if count <= MOST_VOXELS else 0


def _count(path: str) -> int:
    if path.lower().endswith((".nii", ".nii.gz")):
        image: Any = nib.load(path)
        return math.prod(int(side) for side in image.shape)
    if Path(path).is_file():
        return _in_file(path)
    files = list(dicom_files(path))
    return len(files) * _in_file(str(files[0])) if files else 0


def _in_file(path: str) -> int:
    image = itk.ImageIOFactory.CreateImageIO(path, itk.CommonEnums.IOFileMode_ReadMode)
    image.SetFileName(path)
    image.ReadImageInformation()
    return math.prod(image.GetDimensions(axis) for axis in range(image.GetNumberOfDimensions()))
