"""Smooth random fields."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def smooth_noise(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise smoothed over `sigma` voxels, scaled to mean 0 and standard deviation 1, float32.

    Example:
        >>> smooth_noise((16, 16), 2.0, np.random.default_rng(0)).shape
        (16, 16)
    """
    noise = ndimage.gaussian_filter(rng.standard_normal(shape, dtype=np.float32), sigma, mode="wrap")
    return (noise - noise.mean()) / max(float(noise.std()), 1e-12)
