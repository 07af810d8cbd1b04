"""The shape of a simulated head: a brain grown around its arteries, and the grids that hold it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

SHAPE_SPACING = 2.4  # mm; the brain's outline is smooth, so its depth is computed on a coarse grid
TISSUE_SPACING = 1.2  # mm; tissue is drawn here and interpolated, so that it does not depend on the scan's spacing
# mm of scalp and air kept around the brain on each side (left, posterior, inferior), (right, anterior, superior);
# a scan ends soon below the brain, and reaches over the orbits in front
MARGIN_LOW, MARGIN_HIGH = np.array([17.0, 17.0, 5.0]), np.array([17.0, 22.0, 17.0])


@dataclass(frozen=True)
class Head:
    """A star-shaped brain and the field of view around it; all positions are RAS mm.

    Attributes:
        centre: (3,).
        semi_axes: (3,) of the ellipsoid that underlies the brain.
        radius_map: (P, A) distance from the centre to the brain's surface by polar angle and azimuth.
        origin: (3,) lowest corner of the field of view: the centre of voxel 0 of every grid.
        extent: (3,) its size.
    """

    centre: np.ndarray
    semi_axes: np.ndarray
    radius_map: np.ndarray
    origin: np.ndarray
    extent: np.ndarray

    def surface_radius(self, directions: np.ndarray) -> np.ndarray:
        """Distance in mm from the centre to the brain's surface along directions (..., 3) of any length."""
        polar_bins, azimuth_bins = self.radius_map.shape
        length = np.maximum(np.linalg.norm(directions, axis=-1), 1e-6)
        polar = np.arccos(np.clip(directions[..., 2] / length, -1, 1)) / np.pi * (polar_bins - 1)
        azimuth = (np.arctan2(directions[..., 1], directions[..., 0]) / (2 * np.pi) % 1) * azimuth_bins
        wrapped = np.concatenate([self.radius_map, self.radius_map[:, :1]], axis=1)
        return ndimage.map_coordinates(wrapped, [polar, azimuth], order=1, mode="nearest")

    def surface_point(self, directions: np.ndarray, depth: np.ndarray | float) -> np.ndarray:
        """Points (..., 3) that lie `depth` mm below the brain's surface along directions (..., 3)."""
        unit = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
        return self.centre + unit * (self.surface_radius(directions) - depth)[..., None]

    def grid_shape(self, spacing: float) -> tuple[int, int, int]:
        """Shape of the grid of this spacing (mm) that fills the field of view."""
        x, y, z = (int(np.ceil(size / spacing)) + 1 for size in self.extent)
        return x, y, z

    def grid_points(self, spacing: float) -> np.ndarray:
        """Positions of that grid's voxels, float32, (X, Y, Z, 3) mm."""
        axes = [o + spacing * np.arange(n) for o, n in zip(self.origin, self.grid_shape(spacing))]
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).astype(np.float32)

    def depth(self) -> np.ndarray:
        """Depth below the brain's surface in mm (negative outside), to first order, on the `SHAPE_SPACING` grid."""
        directions = self.grid_points(SHAPE_SPACING) - self.centre.astype(np.float32)
        level = self.surface_radius(directions) - np.linalg.norm(directions, axis=-1)
        slope = np.sqrt(sum(gradient**2 for gradient in np.gradient(level, SHAPE_SPACING)))
        return (level / np.maximum(slope, 1)).astype(np.float32)


def map_directions() -> np.ndarray:
    """Unit vectors of `Head.radius_map`, (P, A, 3)."""
    polar, azimuth = np.linspace(0, np.pi, 61), np.linspace(0, 2 * np.pi, 120, endpoint=False)
    ring = np.sin(polar)[:, None]  # (P, 1)
    return np.stack([ring * np.cos(azimuth), ring * np.sin(azimuth), np.cos(polar)[:, None] + 0 * azimuth], axis=-1)


def head_around(points: np.ndarray, margin: float = 3.0) -> Head:
    """A brain around arteries: the ellipsoid of their extent, which bulges so that each lies inside.

    Args:
        points: (N, 3) nodes of the arteries, RAS mm.
        margin: mm of brain kept beyond the outermost artery.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    centre, semi_axes = (low + high) / 2, np.maximum((high - low) / 2, 6.0) + margin
    directions = map_directions()
    radius_map = 1 / np.linalg.norm(directions / semi_axes, axis=-1)  # (P, A)
    offsets = points - centre
    distance = np.linalg.norm(offsets, axis=1)
    offsets, distance = offsets[distance > 0], distance[distance > 0]
    for row, direction in enumerate(directions):
        cosine = np.maximum(direction @ (offsets / distance[:, None]).T, 0)  # (A, N)
        radius_map[row] = np.maximum(radius_map[row], ((distance + margin) * cosine**8).max(axis=1))
    radius_map = ndimage.gaussian_filter(radius_map, 1.5, mode=("nearest", "wrap"))
    surface = centre + directions * radius_map[..., None]
    origin = np.minimum(low, surface.min(axis=(0, 1))) - MARGIN_LOW
    corner = np.maximum(high, surface.max(axis=(0, 1))) + MARGIN_HIGH
    return Head(centre, semi_axes, radius_map, origin, corner - origin)


def interpolate(coarse: np.ndarray, coarse_spacing: float, shape: tuple[int, int, int], spacing: float) -> np.ndarray:
    """Linear interpolation, axis by axis, to a grid that shares its voxel 0 (float32, `shape`); edges repeat."""
    result = coarse.astype(np.float32)
    for axis, count in enumerate(shape):
        position = np.clip(np.arange(count) * spacing / coarse_spacing, 0, result.shape[axis] - 1)
        lower = np.minimum(position.astype(int), max(result.shape[axis] - 2, 0))
        upper = np.minimum(lower + 1, result.shape[axis] - 1)
        weight = (position - lower).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
        below, above = np.take(result, lower, axis), np.take(result, upper, axis)
        above -= below
        above *= weight
        above += below
        result = above
    return result
