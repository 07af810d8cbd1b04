"""Reliability-Refinement (III-E): pseudo labels, reliable mask and masked Dice (Eq. 13-14)."""

from __future__ import annotations

from torch import Tensor, nn

from .dice import negative_dice


def pseudo_labels(averaged: Tensor, confidence_threshold: float = 0.9) -> tuple[Tensor, Tensor]:
    """Pseudo label y = [y' > 0.5] and reliable mask q = 0 where 1 - v_c < y' < v_c, else 1; shapes of `averaged`.

    Args:
        averaged: y', the mean prediction over flips and rotations (Eq. 13), any shape.
        confidence_threshold: v_c in [0.5, 1]; 0.5 takes every voxel.

    Example:
        >>> pseudo_labels(torch.tensor([0.02, 0.4, 0.95]))
        (tensor([0., 0., 1.]), tensor([1., 0., 1.]))
    """
    reliable = (averaged <= 1 - confidence_threshold) | (averaged >= confidence_threshold)
    return (averaged > 0.5).to(averaged.dtype), reliable.to(averaged.dtype)


class ReliabilityLoss(nn.Module):
    """Eq. 14: -(2 sum y f(x) q + e) / (sum y q + sum f(x) q + e), one ratio over the batch.

    Example:
        >>> label = torch.ones(1, 1, 4, 4, 4)
        >>> ReliabilityLoss()(label, label, reliable=label)
        tensor(-1.)
    """

    def forward(self, prediction: Tensor, label: Tensor, reliable: Tensor) -> Tensor:
        """Scalar loss of vessel probability f(x), pseudo label y and reliable mask q, all (B, 1, D, H, W)."""
        return negative_dice([prediction * reliable], [label * reliable])
