"""Dice plus cross-entropy of supervised networks, MONAI's, on probabilities."""

from __future__ import annotations

import torch
from monai.losses import DeepSupervisionLoss, DiceCELoss
from torch import Tensor

from .clamp_probability import EPSILON


class DiceCrossEntropyLoss(DiceCELoss):
    """1 - Dice, one ratio over the batch, plus the mean cross-entropy: MONAI's DiceCELoss, which takes logits.

    Example:
        >>> label = torch.ones(2, 1, 8, 8, 8)
        >>> DiceCrossEntropyLoss()(0.5 * label, label)  # 1/3 + log 2
        tensor(1.0265)
    """

    def __init__(self) -> None:
        super().__init__(sigmoid=True, batch=True)

    def forward(self, prediction: Tensor, label: Tensor) -> Tensor:
        """Scalar loss of vessel probability and label, both (B, 1, D, H, W)."""
        return super().forward(torch.logit(prediction.float(), eps=EPSILON), label)


class DeeplySupervisedLoss(DeepSupervisionLoss):
    """DiceCrossEntropyLoss of every output of a deeply supervised network, weighted 1, 1/2, 1/4, ... (MONAI's).

    Example:
        >>> label = torch.ones(2, 1, 8, 8, 8)
        >>> DeeplySupervisedLoss()(torch.full((2, 3, 1, 8, 8, 8), 0.5), label)  # 1.75 (1/3 + log 2)
        tensor(1.7963)
    """

    def __init__(self) -> None:
        super().__init__(DiceCrossEntropyLoss())

    def forward(self, prediction: Tensor, label: Tensor) -> Tensor:  # type: ignore[override]
        """Scalar loss of vessel probability (B, outputs, 1, D, H, W), the last output first, and label (B, 1, ...)."""
        return super().forward(list(prediction.unbind(1)), label)
