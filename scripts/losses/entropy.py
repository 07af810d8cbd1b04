"""Entropy L_e, which pushes cluster probabilities towards 0 and 1 (Eq. 17)."""

from __future__ import annotations

from torch import Tensor, nn

from .clamp_probability import clamp_probability


class EntropyLoss(nn.Module):
    """Mean over crops, clusters and voxels of -[m log m + (1 - m) log(1 - m)], in nats.

    Example:
        >>> EntropyLoss()(torch.full((2, 8, 4, 4, 4), 0.5))  # log 2, the greatest
        tensor(0.6931)
    """

    def forward(self, clusters: Tensor) -> Tensor:
        """Scalar loss of cluster probabilities of any shape."""
        m = clamp_probability(clusters)
        return -(m * m.log() + (1 - m) * (1 - m).log()).mean()
