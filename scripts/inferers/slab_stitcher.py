"""One volume out of overlapping windows, with sums for a slab of it only."""

from __future__ import annotations

import torch
from torch import Tensor

from .brain_windows import Corner


class SlabStitcher:
    """Weighted mean of overlapping windows that come in the order of their first axis.

    The sums of predictions and weights are kept for as many planes as a window is thick; planes that no later window
    reaches are divided, written to the result and forgotten. MONAI's inferer keeps both sums for the whole volume.

    Args:
        result: (D, H, W), any floating type, zeros; what no window covers stays as it is.
        weights: of a window's voxels, (d, h, w), float32.
    """

    def __init__(self, result: Tensor, weights: Tensor) -> None:
        self.result = result
        self.weights = weights
        slab = (len(weights), *result.shape[1:])
        self.sums = torch.zeros(slab, dtype=torch.float32, device=weights.device)  # (d, H, W)
        self.total = torch.zeros_like(self.sums)  # (d, H, W)
        self.first = 0  # the plane of `result` that is the first of the slab

    def add(self, prediction: Tensor, corner: Corner) -> None:
        """Add a window, (d, h, w), whose first voxel is `corner`."""
        self._move_to(corner[0])
        _, height, width = prediction.shape
        place = (slice(None), slice(corner[1], corner[1] + height), slice(corner[2], corner[2] + width))
        self.sums[place].addcmul_(prediction.float(), self.weights)
        self.total[place] += self.weights

    def finish(self) -> None:
        """Write what is left; to be called after the last window."""
        self._write(len(self.sums))

    def _move_to(self, plane: int) -> None:
        done = min(plane - self.first, len(self.sums))
        if done <= 0:
            return
        self._write(done)
        for sums in (self.sums, self.total):
            # plane by plane forwards: no second slab
            for index in range(len(sums) - done):
                sums[index] = sums[index + done]
            sums[len(sums) - done :] = 0
        self.first = plane

    def _write(self, planes: int) -> None:
        """The first planes of the slab are final."""
        for index in range(min(planes, len(self.result) - self.first)):
            self.result[self.first + index] = self.sums[index] / self.total[index].clamp_min(1e-9)
