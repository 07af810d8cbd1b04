"""The Dice ratio of Eq. 12 and 14."""

from __future__ import annotations

import torch
from torch import Tensor

from .gather import gather

SMOOTHING = 1.0  # e


def negative_dice(first: list[Tensor], second: list[Tensor]) -> Tensor:
    """-(2 sum y y' + e) / (sum y + sum y' + e), one ratio over everything given, in [-1, 0); -1 if both are empty.

    Eq. 12 and 14 print -2 sum + e in the numerator, which would make an empty pair the worst case.

    Args:
        first, second: y and y', lists of tensors (B, ...) in [0, 1] whose shapes agree pairwise; a list because
            projections along different axes of a crop may differ in shape.

    Raises:
        ValueError: the shapes of a pair differ.

    Example:
        >>> y = torch.ones(1, 10)
        >>> negative_dice([y], [y])
        tensor(-1.)
    """
    per_image = [_sums_per_image(y, other) for y, other in zip(first, second, strict=True)]  # (B, 3) each
    product, total, other_total = gather(torch.stack(per_image, dim=1)).sum(dim=(0, 1))
    return -(2 * product + SMOOTHING) / (total + other_total + SMOOTHING)


def _sums_per_image(y: Tensor, other: Tensor) -> Tensor:
    """Per image the sums of y y', y and y', (B, 3)."""
    if y.shape != other.shape:
        raise ValueError(f"Dice of tensors that differ in shape: {tuple(y.shape)}, {tuple(other.shape)}.")
    y, other = y.flatten(1).float(), other.flatten(1).float()  # (B, V)
    return torch.stack([(y * other).sum(1), y.sum(1), other.sum(1)], dim=1)
