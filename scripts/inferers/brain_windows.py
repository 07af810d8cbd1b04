"""Where the windows of a scan lie."""

from __future__ import annotations

from collections.abc import Sequence

from monai.data.utils import dense_patch_slices
from torch import Tensor

Corner = tuple[int, int, int]  # the first voxel of a window along each axis


def brain_windows(brain: Tensor, window: Sequence[int], overlap: float) -> list[Corner]:
    """The windows of MONAI's sliding window that hold brain, by their first axis.

    Args:
        brain: bool, (D, H, W), no side shorter than the window's.
        window: sides, voxels.
        overlap: of neighbouring windows, at least; a fraction of the window.
    """
    shape = tuple(brain.shape)
    steps = [max(int(side * (1 - overlap)), 1) for side in window]
    step = tuple(side if side == length else step for side, length, step in zip(window, shape, steps))
    boxes = dense_patch_slices(shape, tuple(window), step)
    return [(box[0].start, box[1].start, box[2].start) for box in boxes if brain[box].any()]
