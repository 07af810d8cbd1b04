"""Where the windows of a scan lie: on a grid over all of it, or along its brain."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from monai.data.utils import dense_patch_slices
from torch import Tensor

Corner = tuple[int, int, int]  # the first voxel of a window along each axis


def grid_windows(brain: Tensor, window: Sequence[int], overlap: float) -> list[Corner]:
    """The windows of MONAI's sliding window that hold brain, by their first axis.

    Args:
        brain: bool, (D, H, W), no side shorter than the window's.
        window: sides, voxels.
        overlap: of neighbouring windows, at least; a fraction of the window.
    """
    shape = tuple(brain.shape)
    step = tuple(side if side == length else _step(side, overlap) for side, length in zip(window, shape))
    places = dense_patch_slices(shape, tuple(window), step)
    return [(place[0].start, place[1].start, place[2].start) for place in places if brain[place].any()]


def brain_windows(brain: Tensor, window: Sequence[int], overlap: float) -> list[Corner]:
    """As few windows as cover the brain in slabs of rows, by their first axis.

    Slabs divide the extent of the brain along the first axis; in each slab rows divide the extent of what brain it
    holds along the second; in each row windows divide what is left along the third. On a round brain these are half as
    many windows as on a grid over the scan, whose last window along each axis, moreover, overlaps as it falls.
    Arguments as in `grid_windows`.
    """
    return [
        (first, second, third)
        for first, slab in _along(brain, 0, window, overlap)
        for second, row in _along(slab, 1, window, overlap)
        for third, _ in _along(row, 2, window, overlap)
    ]


def _along(brain: Tensor, axis: int, window: Sequence[int], overlap: float) -> Iterator[tuple[int, Tensor]]:
    """The places of windows along an axis, evenly over the brain's extent, and the part of the brain in each."""
    side, length = window[axis], brain.shape[axis]
    occupied = torch.nonzero(brain.any(dim=tuple({0, 1, 2} - {axis})))[:, 0]
    if len(occupied) == 0:
        return
    low, high = int(occupied[0]), int(occupied[-1]) + 1
    spare = high - low - side  # what a single window does not cover
    if spare <= 0:
        low, spare = min(max(low + spare // 2, 0), length - side), 0  # the brain in the middle of its window
    gaps = math.ceil(spare / _step(side, overlap))
    for index in range(gaps + 1):
        place = low + (round(index * spare / gaps) if gaps else 0)
        yield place, brain.narrow(axis, place, side)


def _step(side: int, overlap: float) -> int:
    return max(int(side * (1 - overlap)), 1)
