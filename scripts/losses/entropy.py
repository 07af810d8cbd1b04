"""Entropy L_e, which makes cluster probabilities decided (Eq. 17)."""

from __future__ import annotations

from torch import Tensor, nn

from .clamp_probability import clamp_probability


class EntropyLoss(nn.Module):
    """Mean over crops, clusters and voxels of -[m log m + (1 - m) log(1 - m)], in nats."""

    def forward(self, clusters: Tensor) -> Tensor:
        """Scalar loss of cluster probabilities of any shape."""
        m = clamp_probability(clusters)
        return -(m * m.log() + (1 - m) * (1 - m).log()).mean()
