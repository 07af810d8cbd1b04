"""Masks of vessels with known centrelines and radii."""

from __future__ import annotations

import numpy as np

from scripts.vessels.rasterise import rasterise_centreline, rasterise_segments, vessel_label
from scripts.vessels.swc import VesselTree, to_ras


def draw(tree: VesselTree, spacing: float) -> tuple[np.ndarray, np.ndarray]:
    """Mask of a whole tree, (D, H, W), and its affine, (4, 4), RAS mm."""
    points = to_ras(tree.points)
    corner = points.min(axis=0) - 4
    shape = tuple(int(n) for n in np.ceil((points.max(axis=0) + 4 - corner) / spacing))
    start, end = tree.segments()
    voxels, radii = (points - corner) / spacing, tree.radii / spacing
    fraction, _ = rasterise_segments(
        voxels[start], voxels[end], radii[start], radii[end], np.ones(len(start)), (shape[0], shape[1], shape[2])
    )
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = corner
    return vessel_label(fraction, rasterise_centreline(voxels[start], voxels[end], fraction.shape)), affine


def distance_to_line(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distance of points (..., 3) to a line segment."""
    axis = end - start
    along = np.clip((points - start) @ axis / (axis @ axis), 0, 1)
    return np.linalg.norm(points - start - along[..., None] * axis, axis=-1)


def tubes(affine: np.ndarray, shape: tuple[int, int, int], *lines: tuple) -> np.ndarray:
    """Mask of straight tubes (start, end, radius), in world mm, drawn voxel by voxel."""
    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1)  # (D, H, W, 3)
    world = index @ affine[:3, :3].T + affine[:3, 3]
    return np.any([distance_to_line(world, np.array(a, float), np.array(b, float)) <= r for a, b, r in lines], axis=0)
