"""A network that calls bright voxels vessels: everything around it can be tested exactly."""

from __future__ import annotations

import torch
from torch import nn


class BrightNetwork(nn.Module):
    """Probability 0.5 where a voxel is 10 sigma above the median, (B, 1, D, H, W) -> (B, 1, D, H, W)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return ((x - 1) / 4).clamp(0, 1)
