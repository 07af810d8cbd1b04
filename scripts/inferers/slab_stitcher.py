"""One volume out of overlapping windows, with sums for a slab of it only."""

from __future__ import annotations

import torch
from torch import Tensor

from .brain_windows import Corner


class SlabStitcher:
    """Weighted mean of overlapping windows, which must come in the order of their first axis.

    Sums of predictions and weights are kept only for as many planes as a window is thick: planes that no later window
    reaches are divided and written to the result. MONAI's inferer keeps both sums for the whole volume.

    Args:
        result: (D, H, W), any floating type, zeros; voxels that no window covers stay as they are.
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
        window = (slice(None), slice(corner[1], corner[1] + height), slice(corner[2], corner[2] + width))
        self.sums[window].addcmul_(prediction.float(), self.weights)
        self.total[window] += self.weights

    def finish(self) -> None:
        """Write the remaining planes; call it after the last window."""
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
        """Write the first planes of the slab, which no later window reaches."""
        for index in range(min(planes, len(self.result) - self.first)):
            self.result[self.first + index] = self.sums[index] / self.total[index].clamp_min(1e-9)
