"""Inflow contrast: how bright each part of an artery is in a TOF-MRA."""

from __future__ import annotations

import numpy as np

from ..vessels.swc import VesselTree

REACH = 500.0  # mm from the inlet, after which saturation has taken 63 % of what calibre leaves
CALIBRE = 1.0  # mm; thin arteries flow slowly: contrast rises with the radius on this scale
THIN_SHARE = 0.25  # slow, thin vessels are faint


def inflow_contrast(
    tree: VesselTree, contrast: float, rng: np.random.Generator, thin_share: float = THIN_SHARE
) -> np.ndarray:
    """Signal of each node's blood above white matter (white matter = 1), (N,).

    Fresh blood is bright and saturates as it flows: contrast falls with the distance from the inlets, and in thin
    vessels, whose slow flow saturates sooner. A correlated random factor of about 25 % makes branches differ.

    Args:
        tree: the arteries.
        contrast: signal above white matter of a large artery at an inlet.
        rng: draws the branches' factors.
        thin_share: share of the contrast that a vessel of vanishing radius keeps.
    """
    calibre = thin_share + (1 - thin_share) * (1 - np.exp(-((tree.radii / CALIBRE) ** 2)))
    factor = np.zeros(len(tree.points))
    memory = np.exp(-1 / 30.0)  # per mm: a branch keeps its character over centimetres
    draws = rng.standard_normal(len(factor))
    lengths = np.zeros(len(factor))
    start, end = tree.segments()
    lengths[end] = tree.segment_lengths()
    for node, parent in enumerate(tree.parents):
        kept = memory ** lengths[node] if parent >= 0 else 0.0
        factor[node] = kept * (factor[parent] if parent >= 0 else 0.0) + np.sqrt(1 - kept**2) * draws[node]
    return contrast * calibre * np.exp(-tree.inflow_distance() / REACH) * np.exp(0.25 * factor)
