"""Which loss a supervised network is trained with."""

from __future__ import annotations

from torch import nn

from ..losses.dice_cross_entropy import DeeplySupervisedLoss, DiceCrossEntropyLoss
from .class_balancing import ClassBalancingLoss
from .projection_cross_entropy import ProjectionCrossEntropyLoss


def baseline_loss(model: str) -> nn.Module:
    """Loss of one of `baselines.baseline_networks.BASELINES`: its publication's own, else Dice plus cross-entropy."""
    if model.startswith("mips_"):
        return ProjectionCrossEntropyLoss(axes=int(model.removeprefix("mips_")))
    if model.startswith("deepvesselnet_"):
        return ClassBalancingLoss()
    return DeeplySupervisedLoss() if model == "dsn" else DiceCrossEntropyLoss()
