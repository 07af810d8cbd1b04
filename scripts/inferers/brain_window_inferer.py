"""Sliding window that computes only where there is brain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from monai.inferers import SlidingWindowInferer


class BrainWindowInferer(SlidingWindowInferer):
    """MONAI's `SlidingWindowInferer` that gives windows without brain the answer 0 instead of computing them.

    The preprocessing sets everything outside the brain to exactly 0, so a window without brain is one of zeros. A
    brain voxel lies in no such window: inside the brain the result is MONAI's own, voxel for voxel.
    Takes the arguments of `SlidingWindowInferer`; the network gives one channel, (B, 1, D, H, W), of its input's shape.
    """

    def __call__(self, inputs: torch.Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Vessel probability of a normalised scan: (B, 1, D, H, W) -> (B, 1, D, H, W)."""

        def predict(windows: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
            brain = windows.flatten(1).any(dim=1)  # (windows,)
            probability = torch.zeros_like(windows)  # (windows, 1, d, h, w)
            if brain.any():
                probability[brain] = network(windows[brain], *args, **kwargs).to(windows.dtype)
            return probability

        return super().__call__(inputs, predict, *args, **kwargs)
