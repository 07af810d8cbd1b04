"""From a vessel mask to a closed surface."""

from __future__ import annotations

import numpy as np
from nibabel.affines import apply_affine
from skimage.measure import marching_cubes


def vessel_surface(mask: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Triangles around a mask, closed also where the mask touches the border of its volume.

    Marching cubes (Lewiner et al. 2003, scikit-image) at half height between the voxels of the mask and the others.

    Args:
        mask: binary, (D, H, W).
        affine: (4, 4), from voxels to world mm (RAS).

    Returns:
        vertices, (V, 3) float32, world mm; and faces, (F, 3) int32, whose corners run counter-clockwise seen from
        outside. Both are empty for an empty mask.
    """
    if not mask.any():
        return np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)
    solid = np.pad(mask > 0, 1).astype(np.float32)
    vertices, faces, _, _ = marching_cubes(solid, 0.5, gradient_direction="ascent")
    if np.linalg.det(affine[:3, :3]) < 0:  # a mirroring affine turns every face round
        faces = faces[:, ::-1]
    return apply_affine(affine, vertices - 1).astype(np.float32), np.ascontiguousarray(faces, dtype=np.int32)
