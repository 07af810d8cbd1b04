"""Cross-entropy with voxels that count more or less, for what is known of an unlabelled crop. Not in the paper."""

from __future__ import annotations

from torch import Tensor, nn

from .clamp_probability import clamp_probability


class WeightedCrossEntropyLoss(nn.Module):
    """Mean over voxels of -w [y log m + (1 - y) log(1 - m)]."""

    def forward(self, vessels: Tensor, label: Tensor, weight: Tensor) -> Tensor:
        """Scalar loss of the vessel cluster m^t, label y and weight w, all (B, 1, D, H, W)."""
        m = clamp_probability(vessels)
        return -(weight * (label * m.log() + (1 - label) * (1 - m).log())).mean()
