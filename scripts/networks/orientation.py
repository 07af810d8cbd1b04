"""The 48 orientations of the cube: axis permutations combined with flips, as draw / apply / invert."""

from __future__ import annotations

from itertools import permutations, product
from typing import NamedTuple

import torch
from torch import Tensor


class Orientation(NamedTuple):
    """One element of the symmetry group of the cube; `apply` first permutes the axes, then flips."""

    permutation: tuple[int, int, int]
    flips: tuple[bool, bool, bool]


ORIENTATIONS: tuple[Orientation, ...] = tuple(
    Orientation(permutation, flips)  # type: ignore[arg-type]
    for permutation in permutations(range(3))
    for flips in product((False, True), repeat=3)
)
"""All 48 elements; the first one is the identity."""


def draw_orientation() -> Orientation:
    """Draw one of the 48 orientations uniformly, from torch's global generator."""
    return ORIENTATIONS[int(torch.randint(len(ORIENTATIONS), ()))]


def apply(x: Tensor, orientation: Orientation) -> Tensor:
    """Permute and flip the last three axes of `x`.

    Args:
        x: (..., D, H, W), sides may be unequal.
        orientation: the element to apply.

    Returns:
        (..., D', H', W'), a view where torch can give one. D', H', W' are D, H, W in permuted order.
    """
    lead = list(range(x.ndim - 3))
    x = x.permute(lead + [x.ndim - 3 + axis for axis in orientation.permutation])
    return x.flip([x.ndim - 3 + axis for axis, flip in enumerate(orientation.flips) if flip])


def invert(x: Tensor, orientation: Orientation) -> Tensor:
    """Undo `apply`: flip first, then permute the axes back. Shapes as in `apply`."""
    lead = list(range(x.ndim - 3))
    x = x.flip([x.ndim - 3 + axis for axis, flip in enumerate(orientation.flips) if flip])
    return x.permute(lead + [x.ndim - 3 + orientation.permutation.index(axis) for axis in range(3)])


def apply_each(images: Tensor, indices: Tensor) -> Tensor:
    """Apply to every image of (B, C, S, S, S) the orientation whose index into ORIENTATIONS is drawn for it, (B,)."""
    return torch.stack([apply(image, ORIENTATIONS[index]) for image, index in zip(images, indices.tolist())])


def invert_each(images: Tensor, indices: Tensor) -> Tensor:
    """Undo `apply_each`. Shapes as there."""
    return torch.stack([invert(image, ORIENTATIONS[index]) for image, index in zip(images, indices.tolist())])
