"""Centreline Dice: how well the trees of two masks agree, thick and thin vessels counting alike by their length."""

from __future__ import annotations

import numpy as np
from skimage.measure import label
from skimage.morphology import skeletonize


def skeleton(*, mask: np.ndarray) -> np.ndarray:
    """Skeleton of a binary mask (D, H, W) or (H, W), bool, with at least a voxel of every connected piece.

    Lee's thinning, as scikit-image has it, erases a straight bar of even width altogether (its issue 3757). A piece
    without a skeleton is its own skeleton here: erased, it would count neither as found nor as missed.
    """
    thin = skeletonize(mask > 0)
    pieces = label(mask > 0, connectivity=mask.ndim)  # voxels that touch at a corner are one piece
    has_skeleton = np.zeros(pieces.max() + 1, dtype=bool)  # (pieces + 1,)
    has_skeleton[0] = True  # the background needs none
    has_skeleton[pieces[thin]] = True
    return thin | ~has_skeleton[pieces]


def topology_precision(*, pred: np.ndarray, label: np.ndarray) -> float:
    """Fraction of the prediction's skeleton that lies in the label; binary masks (D, H, W) or (H, W).

    Edge rules: 1 when both masks are empty, 0 when one of them is.
    Source: Shit et al., clDice, CVPR 2021, Eq. 1.
    """
    if not pred.any() or not label.any():
        return float(pred.any() == label.any())
    return float((label > 0)[skeleton(mask=pred)].mean())


def topology_sensitivity(*, pred: np.ndarray, label: np.ndarray) -> float:
    """Fraction of the label's skeleton that the prediction covers; shapes and edge rules of `topology_precision`."""
    return topology_precision(pred=label, label=pred)


def cldice(*, precision: float, sensitivity: float) -> float:
    """Harmonic mean of topology precision and topology sensitivity; 0 when both are 0.

    Source: Shit et al., clDice, CVPR 2021, Eq. 2.
    """
    return 2 * precision * sensitivity / (precision + sensitivity) if precision + sensitivity else 0.0
