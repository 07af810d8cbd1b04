"""Where the windows of a scan lie."""

from __future__ import annotations

from collections.abc import Sequence

from monai.data.utils import dense_patch_slices
from torch import Tensor

Corner = tuple[int, int, int]  # the first voxel of a window along each axis


def brain_windows(brain: Tensor, window: Sequence[int], step: Sequence[int]) -> list[Corner]:
    """The windows of MONAI's sliding window that hold brain, by their first axis.

    Args:
        brain: bool, (D, H, W), no side shorter than the window's.
        window: sides, voxels.
        step: how far apart windows are along each axis, voxels; the last one is moved back into the scan.
    """
    boxes = dense_patch_slices(tuple(brain.shape), tuple(window), tuple(step))
    return [(box[0].start, box[1].start, box[2].start) for box in boxes if brain[box].any()]
