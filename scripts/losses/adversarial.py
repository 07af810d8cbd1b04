"""The adversarial pair: L_d for the discriminator (Eq. 8) and L_adv for the network (Eq. 9), on logits."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def discriminator_loss(reference_logits: Tensor, projection_logits: Tensor) -> Tensor:
    """L_d: mean cross-entropy of references against 1 plus mean cross-entropy of projections against 0.

    Args:
        reference_logits, projection_logits: of the discriminator, (R, 1) and (P, 1).

    Example:
        >>> undecided = torch.zeros(4, 1)
        >>> discriminator_loss(undecided, undecided)  # 2 log 2
        tensor(1.3863)
    """
    return F.binary_cross_entropy_with_logits(
        reference_logits, torch.ones_like(reference_logits)
    ) + F.binary_cross_entropy_with_logits(projection_logits, torch.zeros_like(projection_logits))


def adversarial_loss(projection_logits: Tensor) -> Tensor:
    """L_adv: mean cross-entropy of projections against 1; only the segmentation network minimises it.

    Args:
        projection_logits: of the discriminator, (P, 1).

    Example:
        >>> adversarial_loss(torch.zeros(4, 1))  # log 2
        tensor(0.6931)
    """
    return F.binary_cross_entropy_with_logits(projection_logits, torch.ones_like(projection_logits))
