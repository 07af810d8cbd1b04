"""Betti numbers: how many components a mask has, and how many loops go through it."""

from __future__ import annotations

import numpy as np
from skimage.measure import euler_number, label


def betti_numbers(*, mask: np.ndarray) -> tuple[int, int]:
    """Number of components (b0) and of loops or tunnels (b1) of a binary mask (D, H, W); (0, 0) when it is empty.

    Voxels that share a face, an edge or a corner are connected (26 neighbours), because thin vessels run diagonally;
    the background is then connected through faces alone (6 neighbours). With b2 the number of enclosed cavities, the
    Euler number is b0 - b1 + b2, hence b1.

    Source: TopCoW challenge metrics, Yang et al. 2023, arXiv 2312.17670.
    """
    padded = np.pad(mask > 0, 1)  # background all around is one component, and no cavity
    b0 = int(label(padded, connectivity=3).max())
    b2 = int(label(~padded, connectivity=1).max()) - 1
    return b0, b0 + b2 - int(euler_number(padded, connectivity=3))


def betti_errors(*, pred: np.ndarray, label: np.ndarray) -> tuple[int, int]:
    """Absolute differences of b0 and of b1 between two binary masks (D, H, W); an empty mask has none of either."""
    (pred_b0, pred_b1), (label_b0, label_b1) = betti_numbers(mask=pred), betti_numbers(mask=label)
    return abs(pred_b0 - label_b0), abs(pred_b1 - label_b1)
