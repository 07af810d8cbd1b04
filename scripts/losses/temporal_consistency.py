"""Temporal consistency L_con between the network and its moving average (Eq. 12)."""

from __future__ import annotations

from torch import Tensor, nn

from .dice import negative_dice
from .projections import maximum_intensity_projections


class TemporalConsistencyLoss(nn.Module):
    """dice(m^t, m*^t) + dice(MIPs, MIPs*), each in [-1, 0): one ratio over voxels, one over all projections.

    Example:
        >>> vessels = torch.ones(1, 1, 4, 4, 4)
        >>> TemporalConsistencyLoss()(vessels, vessels)
        tensor(-2.)
    """

    def forward(self, student: Tensor, teacher: Tensor) -> Tensor:
        """Scalar loss of vessel clusters m^t and, held constant, m*^t, both (B, 1, D, H, W)."""
        teacher = teacher.detach()
        volumes = negative_dice([student], [teacher])
        return volumes + negative_dice(maximum_intensity_projections(student), maximum_intensity_projections(teacher))
