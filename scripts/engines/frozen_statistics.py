"""Batch normalisation that keeps its statistics in training."""

from __future__ import annotations

from torch import nn


def freeze_statistics(network: nn.Module) -> None:
    """Let batch normalisation use, and not move, the means and variances that it has: a few crops have others."""
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
