"""Random fields of view and brain masks, from exact to absent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EXACT, ESTIMATED, OFF, ABSENT = 0.35, 0.25, 0.2, 0.2  # shares of the draws: brain mask exact; estimated; off; none
GROWTH = (-2.5, 10.0)  # mm
UNEVEN = 1.5  # mm, of a mask that is not exact
PART = 0.3  # share of the draws that see a part of the head
SIDES = (40.0, 100.0)  # mm of such a part along an axis
WHOLE_AXIS = 0.5  # of its axes that are not cut


@dataclass(frozen=True)
class View:
    """What a scan shows and what of it is taken for brain; positions in voxels.

    Attributes:
        low, high: (3,) the field of view.
        growth: mm by which the brain mask is too large; infinite without a mask.
        uneven: mm, how much that varies.
        estimated: the mask is the estimated one.
    """

    low: np.ndarray
    high: np.ndarray
    growth: float
    uneven: float
    estimated: bool = False

    def mask(
        self, depth: np.ndarray, estimate: np.ndarray, positions: list[np.ndarray], wobble: np.ndarray | float = 0.0
    ) -> np.ndarray:
        """The mask, bool, (X, Y, Z).

        Args:
            depth: (X, Y, Z) mm below the brain's surface.
            estimate: bool, (X, Y, Z), the brain mask that is estimated where a scan has none.
            positions: voxel numbers along each axis: (X, 1, 1), (1, Y, 1), (1, 1, Z).
            wobble: smooth noise of deviation 1.
        """
        mask = estimate.copy() if self.estimated else depth + self.uneven * wobble > -self.growth
        for line, low, high in zip(positions, self.low, self.high):
            mask &= (line >= low) & (line < high)
        return mask


def random_view(shape: tuple[int, ...], spacing: float, rng: np.random.Generator) -> View:
    """Draw a view of a head on a grid of this shape and spacing (mm)."""
    low, high = np.zeros(3), np.array(shape, dtype=float)
    if rng.uniform() < PART:
        for axis in range(3):
            side = min(rng.uniform(*SIDES) / spacing, shape[axis])
            if rng.uniform() > WHOLE_AXIS:
                low[axis] = rng.uniform(0, shape[axis] - side)
                high[axis] = low[axis] + side
    kind = rng.uniform()
    if kind < EXACT:
        return View(low, high, 0.0, 0.0)
    if kind < EXACT + ESTIMATED:
        return View(low, high, 0.0, 0.0, estimated=True)
    if kind < EXACT + ESTIMATED + OFF:
        return View(low, high, rng.uniform(*GROWTH), UNEVEN)
    return View(low, high, np.inf, 0.0)
