"""Supervision by labelled projections alone: 3DUNet-MIPs-k."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..losses.clamp_probability import EPSILON
from ..losses.projections import maximum_intensity_projections


class ProjectionCrossEntropyLoss(nn.Module):
    """Cross-entropy between the maximum intensity projections of the prediction and of the label, summed over axes.

    Source: Kozinski et al., Tracing in 2D to reduce the label effort for 3D deep delineation of linear
    structures, Medical Image Analysis 2020. They label projections of whole volumes; here each crop has its own.

    Args:
        axes: k; the loss takes the first k of the axial, coronal and sagittal projections of a scan in RAS.

    Raises:
        ValueError: k is not 1, 2 or 3.

    Example:
        >>> label = torch.ones(1, 1, 4, 4, 4)
        >>> ProjectionCrossEntropyLoss(axes=2)(0.5 * label, label)  # 2 log 2
        tensor(1.3863)
    """

    def __init__(self, axes: int) -> None:
        super().__init__()
        if axes not in (1, 2, 3):
            raise ValueError(f"a volume has 1 to 3 projections, got {axes}.")
        self.axes = axes

    def forward(self, prediction: Tensor, label: Tensor) -> Tensor:
        """Scalar loss of vessel probability and label, both (B, 1, D, H, W)."""
        predicted, labelled = (
            maximum_intensity_projections(volume.float())[::-1][: self.axes] for volume in (prediction, label)
        )
        terms = [
            F.binary_cross_entropy_with_logits(p.logit(eps=EPSILON), y)  # autocast forbids the one of probabilities
            for p, y in zip(predicted, labelled)
        ]
        return torch.stack(terms).sum()
