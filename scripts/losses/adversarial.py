"""The adversarial pair: L_d for the discriminator (Eq. 8) and L_adv for the network (Eq. 9), on logits."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def discriminator_loss(reference_logits: Tensor, projection_logits: Tensor) -> Tensor:
    """L_d: mean cross-entropy of references against 1 plus mean cross-entropy of projections against 0."""
    return F.binary_cross_entropy_with_logits(
        reference_logits, torch.ones_like(reference_logits)
    ) + F.binary_cross_entropy_with_logits(projection_logits, torch.zeros_like(projection_logits))


def adversarial_loss(projection_logits: Tensor) -> Tensor:
    """L_adv: mean cross-entropy of projections against 1, to be minimised by the segmentation network alone."""
    return F.binary_cross_entropy_with_logits(projection_logits, torch.ones_like(projection_logits))
