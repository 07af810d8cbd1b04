"""Windows whose sides fit a scan, so that they overlap no more than they must."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import ceil, prod

LEAST = 96  # voxels a side, the paper's crop size: in smaller windows the network sees less around a vessel
MOST = 128**3  # voxels of a window; the network's features take 0.2 GB more than for 96^3
STEP = 16  # voxels; the network halves sides four times


def fitted_windows(shape: Sequence[int], overlap: float) -> tuple[list[int], list[int]]:
    """Sides and steps, voxels, of the windows that cover a scan with the fewest voxels computed.

    A side is a multiple of 16, at least 96 or as long as the scan, and a window holds at most 128^3 voxels. Neighbours
    overlap by as many voxels as windows of 96 would: the border where the network errs is as wide in any window.

    Args:
        shape: of the scan, (D, H, W).
        overlap: of windows of 96, a fraction of them.

    Example:
        >>> fitted_windows((417, 417, 118), 0.25)
        ([128, 128, 128], [104, 104, 104])
    """
    lap = LEAST - window_step(LEAST, overlap)
    layouts = product(*(_shortest_sides(length, lap).items() for length in shape))  # ((windows, side) per axis, ...)
    fitting = [list(zip(*layout)) for layout in layouts if prod(side for _, side in layout) <= MOST]
    _, sides = min(fitting, key=lambda layout: (prod(layout[0]) * prod(layout[1]), prod(layout[1])))
    return list(sides), [max(side - lap, 1) for side in sides]


def window_step(side: int, overlap: float) -> int:
    """How far apart windows of MONAI's `SlidingWindowInferer` are, voxels; `overlap` is a fraction of `side`."""
    return max(int(side * (1 - overlap)), 1)


def _shortest_sides(length: int, lap: int) -> dict[int, int]:
    """For each number of windows along an axis of `length` voxels the shortest side with which they cover it."""
    longest = ceil(length / STEP) * STEP
    shortest: dict[int, int] = {}
    for side in range(min(LEAST, longest), longest + 1, STEP):
        shortest.setdefault(ceil(max(length - side, 0) / max(side - lap, 1)) + 1, side)
    return shortest
