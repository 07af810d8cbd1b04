"""Writing a volume as NIfTI, where it lies in the scanner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from monai.data import MetaTensor
from nibabel.openers import ImageOpener

from .atomic_file import write_atomically
from .nifti_file import is_nifti

QFORM = ("qform_code", "quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z")
SFORM = ("sform_code", "srow_x", "srow_y", "srow_z")
SPATIAL = 7  # the bits of `xyzt_units` that hold the unit of length


def write_nifti(
    file: Path, volume: np.ndarray, placement: np.ndarray | nib.Nifti1Header, intent: str = "none", meaning: str = ""
) -> None:
    """Write a volume (D, H, W), in its own dtype; see `write_atomically`.

    Args:
        file: ends in .nii or .nii.gz; folders are made.
        volume: its dtype must be one of NIfTI's.
        placement: affine (4, 4), voxel to RAS mm, which becomes qform and sform in scanner coordinates; or the header
            of a scan on the same grid, whose qform, sform and unit are copied to the bit, with their codes: every
            program that shows the scan shows the volume at the same place.
        intent: NIfTI's word for what the values are, such as "label" or "estimate".
        meaning: of the values, for the header's `descrip`; at most 79 characters of ASCII.
    """
    if isinstance(placement, nib.Nifti1Header):
        image = nib.Nifti1Image(volume, placement.get_best_affine())
        for field in QFORM + SFORM:
            image.header[field] = placement[field]
        image.header["pixdim"][:4] = placement["pixdim"][:4]  # the first is the qform's handedness
        image.header["xyzt_units"] = placement["xyzt_units"] & SPATIAL
    else:
        image = nib.Nifti1Image(volume, placement)
        image.set_qform(placement, code="scanner")
        image.set_sform(placement, code="scanner")
        image.header.set_xyzt_units("mm")
    image.header.set_intent(intent)
    image.header["descrip"] = meaning
    write_atomically(file, image.to_filename)


def placement_of(volume: MetaTensor) -> np.ndarray | nib.Nifti1Header:
    """Where a volume lies, for `write_nifti`: the header of the NIfTI file it was read from, else its affine as read.

    Args:
        volume: on the grid of its file, in the order of the file's voxels; its own affine may be rounded by transforms.
    """
    file = str(volume.meta.get("filename_or_obj", ""))
    if is_nifti(file) and Path(file).is_file():
        image: Any = nib.load(file)
        with ImageOpener(file) as stream:  # as it stands: nibabel turns negative voxel sizes around
            header: nib.Nifti1Header = image.header_class.from_fileobj(stream, check=False)
        return header
    return np.asarray(volume.meta["original_affine"])
