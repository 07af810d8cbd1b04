"""Entropy L_e, which makes cluster probabilities decided (Eq. 17)."""

from __future__ import annotations

from torch import Tensor, nn

EPSILON = 1e-6  # keeps the logarithm and its gradient finite at 0 and 1


class EntropyLoss(nn.Module):
    """Mean over crops, clusters and voxels of -[m log m + (1 - m) log(1 - m)], in nats."""

    def forward(self, clusters: Tensor) -> Tensor:
        """Scalar loss of cluster probabilities of any shape."""
        m = clusters.float().clamp(EPSILON, 1 - EPSILON)
        return -(m * m.log() + (1 - m) * (1 - m).log()).mean()
