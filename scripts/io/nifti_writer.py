"""Writing a volume as NIfTI, where it lies in the scanner."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np

from .atomic_file import write_atomically

QFORM = ("qform_code", "quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z")
SFORM = ("sform_code", "srow_x", "srow_y", "srow_z")


def write_nifti(file: Path, volume: np.ndarray, placement: np.ndarray | nib.Nifti1Header) -> None:
    """Write a volume (D, H, W), in its own dtype and in millimetres; see `write_atomically`.

    Args:
        file: ends in .nii or .nii.gz; folders are made.
        volume: its dtype must be one of NIfTI's.
        placement: affine (4, 4), voxel to RAS mm, which becomes qform and sform in scanner coordinates; or the header
            of a scan on the same grid, whose qform and sform are copied to the bit, with their codes.
    """
    if isinstance(placement, nib.Nifti1Header):
        image = nib.Nifti1Image(volume, placement.get_best_affine())
        for field in QFORM + SFORM:
            image.header[field] = placement[field]
        image.header["pixdim"][:4] = placement["pixdim"][:4]  # the first is the qform's handedness
    else:
        image = nib.Nifti1Image(volume, placement)
        image.set_qform(placement, code="scanner")
        image.set_sform(placement, code="scanner")
    image.header.set_xyzt_units("mm")
    write_atomically(file, image.to_filename)
