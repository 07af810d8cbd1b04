"""Test-time averaging over turned versions of a scan (Eq. 13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from monai.inferers import Inferer
from monai.utils import convert_to_tensor

from ..networks.orientation import ORIENTATIONS, apply, invert

VERSIONS = ORIENTATIONS[::6]  # N_e = 8 of the 48: the identity, all six orders of the axes, different flips


class TTAInferer(Inferer):
    """y' of Eq. 13: the mean of the predictions of 8 turned versions of the scan, each turned back.

    The paper draws the versions; here they are fixed, so that a scan has one result. |2 y' - 1| tells how far the
    versions agree: stage 3 takes a voxel for reliable where it is at least 2 v_c - 1, that is 0.8 for v_c = 0.9.
    Takes 8 times as long as `inferer`, and the memory of two volumes of one channel more, not of eight.

    Args:
        inferer: applied to each version; its prediction has one channel and the shape of its input.
    """

    def __init__(self, inferer: Inferer) -> None:
        super().__init__()
        self.inferer = inferer

    def __call__(self, inputs: torch.Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any) -> torch.Tensor:
        """Averaged vessel probability: (B, 1, D, H, W) -> (B, 1, D, H, W), float32."""
        image = convert_to_tensor(inputs, track_meta=False)  # its affine would not follow the turns
        total = torch.zeros_like(inputs, dtype=torch.float32)
        for orientation in VERSIONS:
            turned = apply(image, orientation).contiguous()  # (B, 1, D', H', W')
            total += invert(self.inferer(turned, network, *args, **kwargs), orientation)
        return total / len(VERSIONS)
