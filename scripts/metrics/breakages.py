"""How often a prediction interrupts the vessels of a label."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation
from scipy.spatial import cKDTree
from skimage.measure import label as components

from .cldice import skeleton

TOUCHING = 1.5  # voxels, in the maximum norm: voxels that share a face, an edge or a corner


def breakages(*, pred: np.ndarray, label: np.ndarray) -> int:
    """Number of gaps of the prediction along the label's centreline, between parts that it has found.

    The label's skeleton is cut into what the prediction covers and what it misses. A missed piece that touches found
    ones at n > 1 places interrupts the vessel n - 1 times: once along a vessel, twice at a missed bifurcation. An end
    that is cut short, and a branch that is missed altogether, are no breakage; recall and clDice count them.

    Args:
        pred: binary mask, (D, H, W).
        label: binary mask, same shape.

    Edge rules: 0 when either mask is empty. Source: the breakages of COSTA's evaluation (Mou et al. 2024) ask the same
    question; this definition is our own.
    """
    line = skeleton(mask=label) if label.any() else np.zeros(label.shape, dtype=bool)
    missed, found = line & ~(pred > 0), line & (pred > 0)
    ends = found & binary_dilation(missed, np.ones((3, 3, 3)))  # where a found part meets a missed one
    if not ends.any():
        return 0
    gaps, places = (components(mask, connectivity=3)[mask] for mask in (missed, ends))  # (G,), (E,) numbers
    near = cKDTree(np.argwhere(ends)).query_ball_point(np.argwhere(missed), TOUCHING, p=np.inf)
    touched = {(gap, places[end]) for gap, neighbours in zip(gaps, near) for end in neighbours}
    return len(touched) - len({gap for gap, _ in touched})
