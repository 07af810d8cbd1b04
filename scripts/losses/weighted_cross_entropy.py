"""Cross-entropy with a weight per voxel, for crops whose labels are only partly known. Not in the paper."""

from __future__ import annotations

from torch import Tensor, nn

from .clamp_probability import clamp_probability


class WeightedCrossEntropyLoss(nn.Module):
    """Mean over voxels of -w [y log m + (1 - y) log(1 - m)].

    Example:
        >>> label = torch.ones(1, 1, 4, 4, 4)
        >>> WeightedCrossEntropyLoss()(0.5 * label, label, weight=label)  # log 2
        tensor(0.6931)
    """

    def forward(self, vessels: Tensor, label: Tensor, weight: Tensor) -> Tensor:
        """Scalar loss of the vessel cluster m^t, label y and weight w, all (B, 1, D, H, W)."""
        m = clamp_probability(vessels)
        return -(weight * (label * m.log() + (1 - label) * (1 - m).log())).mean()
