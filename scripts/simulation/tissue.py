"""What a TOF-MRA shows besides vessels: brain, cerebrospinal fluid, skull, scalp fat, orbits."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..transforms.smooth_noise import smooth_noise
from .colin_tissue import colin_signal
from .head import SHAPE_SPACING, TISSUE_SPACING, Head, interpolate
from .mni_tissue import mni_brain_maps
from .voronoi_tissue import voronoi_brain_maps

SOURCES = ("procedural", "mni", "voronoi", "colin")  # of grey matter and fluid; colin: of the whole head
# Signals relative to white matter = 1, as short-TR gradient echo scans with magnetisation transfer show them.
GREY_MATTER, FLUID = 0.88, 0.55
# Layers outside the brain: depth below its surface in mm, and signal. Air, skin, scalp fat, skull with marrow, dura.
LAYER_DEPTH = [-16.0, -15.0, -14.0, -13.0, -9.5, -8.5, -7.0, -5.5, -4.0, -2.5, -1.5, 0.0]
LAYER_SIGNAL = [0.02, 0.02, 0.80, 1.70, 1.80, 0.15, 0.15, 0.45, 0.15, 0.15, 0.55, FLUID]
MUSCLE, FAT = 0.6, 1.6


def tissue_signal(head: Head, arteries: np.ndarray, rng: np.random.Generator, source: str = "procedural") -> np.ndarray:
    """Signal of everything but blood, float32 on the head's `TISSUE_SPACING` grid.

    The cortex is procedural: sulci are the sheets where a band-limited random field crosses zero, grey matter lines
    them, white matter fills the rest; ventricles and deep nuclei are added. Or grey matter and fluid are those of the
    MNI152 average brain, or the brain is a mosaic. Cisterns around large arteries are added to these. Or all tissue,
    skull and skin too, is that of a real head.

    Args:
        head: its shape.
        arteries: (N, 3) RAS mm, nodes of the large arteries, around which cerebrospinal fluid lies.
        rng: draws this head's folds.
        source: one of `SOURCES`.
    """
    if source == "colin":
        return colin_signal(head)
    shape = head.grid_shape(TISSUE_SPACING)
    points = head.grid_points(TISSUE_SPACING) - head.centre.astype(np.float32)  # (X, Y, Z, 3) mm
    depth = interpolate(head.depth(), SHAPE_SPACING, shape, TISSUE_SPACING)
    relative = points / head.semi_axes.astype(np.float32)
    if source == "mni":
        fluid, grey = mni_brain_maps(relative)
    elif source == "voronoi":
        fluid, grey = voronoi_brain_maps(points, depth, rng)
    else:
        fluid, grey = _brain_maps(points, relative, depth, rng)
    np.maximum(fluid, _cisterns(head, arteries, shape), out=fluid)
    texture = smooth_noise(shape, 1.2, rng)
    brain = 1 - (1 - GREY_MATTER) * grey
    brain += (FLUID - brain) * fluid
    brain *= 1 + 0.02 * texture
    outside = _outside(points, relative, depth, texture, head, rng)
    inside = _step(depth, 0.0, 0.6)
    return brain * inside + outside * (1 - inside)


def _brain_maps(
    points: np.ndarray, relative: np.ndarray, depth: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Fractions (0 to 1) of cerebrospinal fluid and of grey matter inside the brain."""
    folds = smooth_noise(depth.shape, 2.2, rng) - smooth_noise(depth.shape, 5.0, rng) * 0.3
    folds = np.abs(folds) + 0.15 * smooth_noise(depth.shape, 1.0, rng)
    cortex = _step(24.0 - depth, 0.0, 3.0)
    fluid = _step(0.22 - folds, 0.0, 0.10) * cortex * _step(depth, 0.0, 2.0)
    np.maximum(fluid, _step(1.8 - depth, 0.0, 0.5), out=fluid)
    fissure = _step(1.0 - np.abs(points[..., 0] + smooth_noise(depth.shape, 8.0, rng)), 0.0, 0.5)
    np.maximum(fluid, fissure * _step(relative[..., 2] - 0.25, 0.0, 0.05), out=fluid)
    grey = _step(0.95 - folds, 0.0, 0.15) * cortex
    wobble = 0.15 * smooth_noise(depth.shape, 4.0, rng)
    for side in (-1, 1):
        ventricle = _ellipsoid(relative, (0.13 * side, 0.05, 0.12), (0.08, 0.42, 0.12)) + wobble
        np.maximum(fluid, _step(1 - ventricle, 0.0, 0.1), out=fluid)
        nucleus = _ellipsoid(relative, (0.30 * side, 0.12, -0.08), (0.14, 0.25, 0.22)) + wobble
        np.maximum(grey, _step(1 - nucleus, 0.0, 0.1), out=grey)
    return fluid, grey


def _cisterns(head: Head, arteries: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Cerebrospinal fluid within about 4 mm of large arteries, 0 to 1."""
    spread = np.zeros(head.grid_shape(SHAPE_SPACING), dtype=np.float32)
    voxels = np.rint((arteries - head.origin) / SHAPE_SPACING).astype(int)
    spread[tuple(voxels.T)] = 1
    spread = np.clip(25 * ndimage.gaussian_filter(spread, 1.5), 0, 1)
    return 0.8 * interpolate(spread, SHAPE_SPACING, shape, TISSUE_SPACING)


def _outside(
    points: np.ndarray,
    relative: np.ndarray,
    depth: np.ndarray,
    texture: np.ndarray,
    head: Head,
    rng: np.random.Generator,
) -> np.ndarray:
    """Signal outside the brain: layers of skull and scalp, muscle below the skull base, orbits in front."""
    uneven = depth * (1 + 0.08 * smooth_noise(depth.shape, 6.0, rng))
    signal = np.interp(uneven, LAYER_DEPTH, LAYER_SIGNAL).astype(np.float32)
    below = _step(-0.35 - relative[..., 2], 0.0, 0.05) * _step(
        0.95 - np.hypot(relative[..., 0], relative[..., 1]), 0, 0.04
    )
    below *= _step(-4.0 - depth, 0.0, 1.0)
    signal += (MUSCLE * (1 + 0.25 * texture) - signal) * below
    for side in (-1, 1):
        eye = np.array([0.45 * side, 0.0, -0.45]) * head.semi_axes
        eye[1] = head.semi_axes[1] * 0.86 + 2.0
        distance = np.linalg.norm(points - eye.astype(np.float32), axis=-1)
        fat, globe = _step(19.0 - distance, 0.0, 0.8), _step(11.5 - distance, 0.0, 0.8)
        socket = fat * _step(-2.5 - depth, 0.0, 0.8)
        signal += (FAT + (FLUID - FAT) * globe - signal) * socket
    return signal * (1 + 0.05 * texture)


def _ellipsoid(relative: np.ndarray, centre: tuple[float, ...], axes: tuple[float, ...]) -> np.ndarray:
    """1 on the surface of an ellipsoid, less inside; lengths relative to the brain's semi-axes."""
    return np.linalg.norm((relative - np.array(centre, dtype=np.float32)) / np.array(axes, dtype=np.float32), axis=-1)


def _step(x: np.ndarray, at: float, width: float) -> np.ndarray:
    """Smooth step from 0 to 1 around `at`, linear over twice ``width``."""
    return np.clip(((x - at) / width + 1) / 2, 0, 1).astype(np.float32)
