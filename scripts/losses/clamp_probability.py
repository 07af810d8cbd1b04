"""Probabilities kept off 0 and 1, where logarithms and their gradients are infinite."""

from __future__ import annotations

from torch import Tensor

EPSILON = 1e-6


def clamp_probability(probability: Tensor) -> Tensor:
    """Probabilities of any shape, clamped to [EPSILON, 1 - EPSILON], in single precision.

    Example:
        >>> clamp_probability(torch.tensor([0.0, 0.5, 1.0])).log().isfinite().all()
        tensor(True)
    """
    return probability.float().clamp(EPSILON, 1 - EPSILON)
