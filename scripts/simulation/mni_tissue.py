"""Grey matter and fluid of the MNI152 average brain (from nilearn), fitted to a simulated head."""

from __future__ import annotations

from functools import cache

import numpy as np
from nibabel.affines import apply_affine
from scipy import ndimage

from ..io.user_error import MissingPackage


def mni_brain_maps(relative: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fractions (0 to 1) of cerebrospinal fluid and of grey matter, float32 (X, Y, Z).

    Args:
        relative: (X, Y, Z, 3) RAS positions from the head's centre, in its semi-axes; the average brain is stretched
            to these.

    Raises:
        MissingPackage: nilearn is not installed.
    """
    grey, white, to_voxel, centre, semi_axes = _templates()
    mni = centre + relative * semi_axes  # (X, Y, Z, 3) mm
    voxels = np.moveaxis(apply_affine(to_voxel, mni), -1, 0)  # (3, X, Y, Z)
    grey, white = (ndimage.map_coordinates(part, voxels, order=1, output=np.float32) for part in (grey, white))
    fluid = np.clip(1 - grey - white, 0, 1)
    return fluid, np.clip(grey / np.maximum(grey + white, 1e-3), 0, 1)


@cache
def _templates() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Grey and white matter, mm to voxels, and centre and semi-axes (mm) of the box around the brain."""
    try:
        from nilearn.datasets import load_mni152_gm_template, load_mni152_wm_template
    except ModuleNotFoundError as error:
        raise MissingPackage("tissue 'mni' needs nilearn: pip install nilearn, or choose 'procedural'.") from error
    grey, white = load_mni152_gm_template(resolution=2), load_mni152_wm_template(resolution=2)
    brain = np.argwhere(grey.get_fdata() + white.get_fdata() > 0.5)
    corners = apply_affine(grey.affine, [brain.min(axis=0), brain.max(axis=0)])
    return (
        grey.get_fdata(dtype=np.float32),
        white.get_fdata(dtype=np.float32),
        np.linalg.inv(grey.affine),
        corners.mean(axis=0),
        np.abs(corners[1] - corners[0]) / 2,
    )
