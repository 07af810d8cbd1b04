"""Centreline Dice: how well the vessel trees of two masks agree; thick and thin vessels count by their length."""

from __future__ import annotations

import numpy as np
from skimage.measure import label
from skimage.morphology import skeletonize


def skeleton(*, mask: np.ndarray) -> np.ndarray:
    """Skeleton of a binary mask (D, H, W) or (H, W), bool, with at least one voxel of every component.

    Lee's thinning in scikit-image erases straight bars of even width (its issue 3757). A component without a skeleton
    is its own skeleton here: if it were erased, it would count neither as found nor as missed.
    """
    thin = skeletonize(mask > 0)
    components = label(mask > 0, connectivity=mask.ndim)  # voxels that touch at a corner belong together
    has_skeleton = np.zeros(components.max() + 1, dtype=bool)  # (components + 1,)
    has_skeleton[0] = True  # the background needs none
    has_skeleton[components[thin]] = True
    return thin | ~has_skeleton[components]


def topology_precision(*, pred: np.ndarray, label: np.ndarray) -> float:
    """Fraction of the prediction's skeleton that lies in the label; binary masks (D, H, W) or (H, W).

    Edge rules: 1 when both masks are empty, 0 when only one is.
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
