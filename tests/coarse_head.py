"""One simulated head of coarse voxels, its scans and brain masks."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion

from scripts.simulation.arterial_tree import grow_arterial_tree
from scripts.simulation.head import SHAPE_SPACING, interpolate
from scripts.simulation.scanner import acquire
from scripts.simulation.tof_mra import HeadSignal, TofMraSimulator, random_streams
from scripts.transforms.brain_mask import estimate_brain_mask

SPACING = 1.2  # mm
NOISE = 0.1  # of white matter


@cache
def coarse_head() -> HeadSignal:
    return TofMraSimulator(spacing=SPACING).signal(grow_arterial_tree(seed=3), *random_streams(3))


@cache
def coarse_brain() -> np.ndarray:
    head = coarse_head()
    return interpolate(head.head.depth(), SHAPE_SPACING, head.tissue.shape, SPACING) > 0


def tof(head: HeadSignal, noise: float = NOISE, contrast: float = 1.0, gamma: float = 1.0) -> np.ndarray:
    """A scan of a head; `contrast` is a factor of the arteries' own."""
    return acquire(head.tissue + contrast * head.blood, SPACING, noise, np.random.default_rng(0)) ** gamma


def masks(scan: np.ndarray, brain: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "given": brain,
        "estimated": estimate_brain_mask(scan, [SPACING] * 3),
        "large": binary_dilation(brain, iterations=6),
        "small": binary_erosion(brain, iterations=2),
    }
