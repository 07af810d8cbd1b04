"""Maximum intensity projections of the vessel cluster (Eq. 6-7)."""

from __future__ import annotations

from torch import Tensor


def maximum_intensity_projections(volume: Tensor) -> list[Tensor]:
    """(B, 1, D, H, W) -> its maxima along D, H and W: (B, 1, H, W), (B, 1, D, W), (B, 1, D, H)."""
    return [volume.amax(dim=axis) for axis in (2, 3, 4)]
