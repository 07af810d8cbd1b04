"""A network that calls bright voxels vessels: everything around it can be tested exactly."""

from __future__ import annotations

import torch
from torch import nn


class BrightNetwork(nn.Module):
    """Probability 0.3, the shipped threshold, where a voxel is 8 sigma above the median, and in proportion elsewhere.

    (B, 1, D, H, W) -> (B, 1, D, H, W).
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (0.3 * (x - 1) / 1.6).clamp(0, 1)
