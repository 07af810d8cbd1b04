"""Tissue of a real head: Colin27, the mean of 27 T1-weighted scans of one man, warped to a simulated head."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.affines import apply_affine
from scipy import ndimage

from ..io.user_error import MissingPackage
from ..vessels.bounding_box import bounding_box
from .head import TISSUE_SPACING, Head, map_directions

TEMPLATES = Path("/usr/share/mricron/templates")  # of the Debian package mricron-data
WHITE_MATTER = 112.0  # its value there
# From these scans' contrast (white matter = 1) to that of TOF-MRA: air, bone, fluid, grey matter, white matter, fat.
COLIN_LEVELS, TOF_LEVELS = (0.0, 0.2, 0.31, 0.74, 1.0, 2.2), (0.0, 0.15, 0.42, 0.86, 1.0, 2.0)
RAY_STEP = 0.5  # mm


def colin_signal(head: Head) -> np.ndarray:
    """Signal of brain, skull, fat, muscle and eyes, white matter = 1; float32 on the head's `TISSUE_SPACING` grid.

    Along every direction from the centre the real brain is stretched to the simulated one's surface. What lies outside
    keeps its distance from it.

    Args:
        head: its shape.

    Raises:
        MissingPackage: the volumes are not there.
    """
    signal, to_voxel, real = _colin()
    offsets = head.grid_points(TISSUE_SPACING) - head.centre.astype(np.float32)  # (X, Y, Z, 3) mm
    distance = np.maximum(np.linalg.norm(offsets, axis=-1), 1e-3)
    surface, real_surface = head.surface_radius(offsets), real.surface_radius(offsets)
    stretched = np.where(distance < surface, distance * real_surface / surface, real_surface + distance - surface)
    voxels = apply_affine(to_voxel, real.centre + offsets * (stretched / distance)[..., None])
    return ndimage.map_coordinates(signal, np.moveaxis(voxels, -1, 0), order=1, output=np.float32)


@cache
def _colin() -> tuple[np.ndarray, np.ndarray, Head]:
    """Signal of the head, (D, H, W), mm to its voxels, and the brain's shape."""
    files = [TEMPLATES / f"{name}.nii.gz" for name in ("ch2", "ch2bet")]
    if not all(file.is_file() for file in files):
        raise MissingPackage(
            f"tissue 'colin' needs {files[0]}: install Debian's package mricron-data, or choose another tissue."
        )
    whole, brain = (nib.Nifti1Image.from_filename(file) for file in files)
    inside = brain.get_fdata(dtype=np.float32) > 0
    to_voxel = np.linalg.inv(whole.affine)
    box = bounding_box(inside)
    low, high = (apply_affine(whole.affine, [getattr(side, end) for side in box]) for end in ("start", "stop"))
    centre, directions = (low + high) / 2, map_directions()
    distances = np.arange(0, np.linalg.norm(high - low) / 2, RAY_STEP)
    points = centre + directions[..., None, :] * distances[:, None]  # (P, A, R, 3)
    reached = ndimage.map_coordinates(inside, np.moveaxis(apply_affine(to_voxel, points), -1, 0), order=0)
    radius_map = (distances * reached).max(axis=-1)  # (P, A)
    radius_map = ndimage.gaussian_filter(radius_map, 1.0, mode=("nearest", "wrap"))
    signal = np.interp(whole.get_fdata() / WHITE_MATTER, COLIN_LEVELS, TOF_LEVELS).astype(np.float32)
    return signal, to_voxel, Head(centre, (high - low) / 2, radius_map, low, high - low)
