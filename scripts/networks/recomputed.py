"""Features that are computed again in the backward pass in place of being kept: activation checkpointing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .oriented_block import OrientedBlock


def recomputed(module: nn.Module, function: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
    """`function(*inputs)`, of which the backward pass finds nothing kept but the inputs.

    Loss and gradient are those of `function(*inputs)`: torch draws the same orientations again, under the same
    precision. Running statistics move once, in the forward pass.

    Args:
        module: holds the batch normalisation that `function` uses.

    Example:
        >>> head = nn.Sequential(nn.Conv3d(1, 4, 3), nn.BatchNorm3d(4))
        >>> recomputed(head, head, torch.rand(2, 1, 8, 8, 8)).sum().backward()
        >>> int(head[1].num_batches_tracked)
        1
    """

    def contexts() -> tuple[AbstractContextManager[Any], AbstractContextManager[Any]]:
        return nullcontext(), still_statistics(module)

    return checkpoint(function, *inputs, use_reentrant=False, context_fn=contexts)


def recomputed_head(head: nn.Module, activation: Callable[[Tensor], Tensor], features: Tensor) -> Tensor:
    """`activation(head(features))`, both computed again in the backward pass, the activation image by image.

    For whole batches the gradient of an activation over many channels would need the most memory of all.

    Args:
        head: holds batch normalisation, so that it needs the whole batch at once.
        activation: voxel by voxel.
        features: (B, ., D, H, W).
    """

    def whole(features: Tensor) -> Tensor:
        return torch.cat([recomputed(head, activation, image) for image in head(features).split(1)])

    return recomputed(head, whole, features)


@contextmanager
def still_statistics(module: nn.Module) -> Iterator[None]:
    """What moves the running statistics of `module` moves copies of them, which are thrown away at the end."""
    buffers = [(part, name, buffer) for part in module.modules() for name, buffer in part.named_buffers(recurse=False)]
    for part, name, buffer in buffers:
        setattr(part, name, buffer.clone())
    try:
        yield
    finally:
        for part, name, buffer in buffers:
            setattr(part, name, buffer)


class RecomputedBlock(OrientedBlock):
    """ori-CNN module that keeps its inputs alone for the backward pass; parameters and results are OrientedBlock's."""

    def forward(self, x: Tensor) -> Tensor:
        return recomputed(self, super().forward, x)

    def decode(self, deep: Tensor, skip: Tensor) -> Tensor:
        return recomputed(self, super().decode, deep, skip)
