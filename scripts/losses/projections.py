"""Maximum intensity projections of the vessel cluster (Eq. 6-7)."""

from __future__ import annotations

from torch import Tensor


def maximum_intensity_projections(volume: Tensor) -> list[Tensor]:
    """(B, 1, D, H, W) -> its maxima along D, H and W: (B, 1, H, W), (B, 1, D, W), (B, 1, D, H).

    Example:
        >>> [tuple(picture.shape) for picture in maximum_intensity_projections(torch.rand(2, 1, 3, 4, 5))]
        [(2, 1, 4, 5), (2, 1, 3, 5), (2, 1, 3, 4)]
    """
    return [volume.amax(dim=axis) for axis in (2, 3, 4)]
