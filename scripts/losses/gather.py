"""Gathering of per-image quantities over the processes of a distributed run, with gradient."""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.nn.functional import all_gather


def gather(x: Tensor) -> Tensor:
    """Rows (B, ...) of all processes, (B * world size, ...); `x` itself where one process runs alone.

    Every process then computes the same loss over all rows. The backward pass sums the processes' gradients and
    DistributedDataParallel divides by their number, so the result is the gradient of one process over the same rows.
    """
    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return x
    # Flat, because all_gather's backward pass misplaces a gradient that is not contiguous.
    return torch.cat(all_gather(x.flatten())).view(-1, *x.shape[1:])
