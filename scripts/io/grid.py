"""Whether a volume lies on a grid that scanners make."""

from __future__ import annotations

import numpy as np
from monai.data import MetaTensor

from .user_error import BadInput

VOXEL = (0.05, 10.0)  # mm; what a voxel's side may be
SHEAR = 0.01  # cosine between two axes; tools round directions
COMPLEX = (32, 1792, 2048)  # NIfTI's codes of complex voxels


def check_grid(volume: MetaTensor) -> None:
    """Check that a volume as read, (C, D, H, W), lies on a rectangular grid in millimetres.

    Raises:
        ValueError: the header gives no position, voxels of a size beyond all scanners, axes that are not at right
            angles, or complex values.
    """
    name = file_of(volume)
    if int(volume.meta.get("datatype", 0)) in COMPLEX:
        raise BadInput(f"{name}: its voxels are complex numbers; give the magnitude image.")
    if volume.ndim != 4:
        return  # no volume, which is refused later
    axes = np.asarray(volume.affine)[:3, :3]  # columns
    spacing = np.linalg.norm(axes, axis=0)  # mm
    if not np.isfinite(np.asarray(volume.affine)).all() or not VOXEL[0] <= spacing.min() <= spacing.max() <= VOXEL[1]:
        sides = " x ".join(f"{side:.3g}" for side in spacing)
        raise BadInput(f"{name}: its header gives voxels of {sides} mm; correct it (is the unit millimetres?).")
    cosines = (axes / spacing).T @ (axes / spacing)  # (3, 3)
    if np.abs(cosines - np.eye(3)).max() > SHEAR:
        raise BadInput(f"{name}: its axes are not at right angles (sheared affine); resample it onto a regular grid.")


def file_of(volume: MetaTensor) -> str:
    """Path that a volume was read from, for messages."""
    return str(volume.meta.get("filename_or_obj", "scan"))
