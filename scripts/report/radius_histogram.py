"""How much vessel there is of each radius."""

from __future__ import annotations

import numpy as np

from ..vessels.swc import VesselTree

BARS = 30
STEP = 0.1  # mm of radius; 0.5 and 1, where vessels are called medium and thick, lie between bars


def radius_histogram(tree: VesselTree) -> np.ndarray:
    """Length of the centrelines by radius, (30,) m.

    Bar i holds the radii from 0.1 i to 0.1 (i + 1) mm, the last one all that are wider, too. A step of a centreline has
    the mean radius of its two ends, as in the lengths by calibre of `summary.csv`.

    Args:
        tree: centrelines of a scan.
    """
    start, end = tree.segments()
    radii = (tree.radii[start] + tree.radii[end]) / 2  # (S,) mm
    bars = np.minimum(np.digitize(radii, np.arange(1, BARS + 1) / round(1 / STEP)), BARS - 1)  # edges without rounding
    return np.bincount(bars, weights=tree.segment_lengths(), minlength=BARS) / 1000
