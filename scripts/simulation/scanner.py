"""What the scanner adds to the signal: slabs, receive bias, blur and Rician noise."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..transforms.smooth_noise import smooth_noise
from .head import SHAPE_SPACING, Head, interpolate

BLUR = 0.3  # mm, standard deviation of the point spread: data are acquired a little coarser than they are written


def slab_profile(heights: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two to four overlapping slabs along the body axis.

    Blood enters a slab from below and saturates on its way up; where slabs meet, the flip angle falls off.

    Args:
        heights: (Z,) mm, ascending.
        rng: draws the number of slabs, their offset and depth of modulation.

    Returns:
        tissue: (Z,) factor of all signal, at most 1, lower at the slabs' borders.
        inflow: (Z,) factor of the blood's contrast, 1 where a slab begins and falling to its top.
    """
    thickness = (heights[-1] - heights[0]) / rng.integers(2, 5)
    phase = (
        (heights - heights[0]) / max(thickness, 1e-6) + rng.uniform()
    ) % 1  # 0 at a slab's lower border, 1 at its top
    border = np.minimum(phase, 1 - phase) * thickness  # mm
    tissue = 1 - rng.uniform(0.03, 0.12) * np.exp(-((border / 3.0) ** 2))
    inflow = 1 - rng.uniform(0.1, 0.35) * phase
    return tissue.astype(np.float32), ndimage.gaussian_filter1d(inflow, 2.0, mode="nearest").astype(np.float32)


def bias_field(
    head: Head, strength: float, shape: tuple[int, int, int], spacing: float, rng: np.random.Generator
) -> np.ndarray:
    """Smooth multiplicative field, float32, `shape`, around 1; `strength` is its relative standard deviation.

    Args:
        head: whose field of view it covers.
        strength: for example 0.15.
        shape, spacing: of the scan's grid (mm).
        rng: draws the field.
    """
    log_field = strength * smooth_noise(head.grid_shape(SHAPE_SPACING), 16.0, rng)  # 16 coarse voxels: 4 cm
    return interpolate(np.exp(log_field), SHAPE_SPACING, shape, spacing)


def acquire(signal: np.ndarray, spacing: float, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Blur the signal, add complex Gaussian noise and take the magnitude (Rician noise), float32.

    Args:
        signal: noise-free, non-negative.
        spacing: mm.
        sigma: standard deviation of each of the two noise channels, in units of the signal.
        rng: draws the noise.
    """
    real = ndimage.gaussian_filter(signal, BLUR / spacing, truncate=3.0)
    real += sigma * rng.standard_normal(signal.shape, dtype=np.float32)
    imaginary = sigma * rng.standard_normal(signal.shape, dtype=np.float32)
    return np.hypot(real, imaginary)
