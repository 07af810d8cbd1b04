"""Training in several processes."""

from __future__ import annotations

import ignite.distributed as idist
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


def distributed_network(network: nn.Module, device: torch.device) -> nn.Module:
    """`network` on `device` in DistributedDataParallel, batch normalisation over all processes where there are GPUs.

    Stages 1 and 3 leave one head of the network untrained, hence `find_unused_parameters`.
    """
    network = network.to(device)
    if device.type == "cuda":
        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # has no CPU version
    return DistributedDataParallel(
        network, device_ids=[device] if device.type == "cuda" else None, find_unused_parameters=True
    )


def stop_processes() -> None:
    """Leave the group of processes, which CheckedWorkflow does after everything that the config built was let go."""
    dist.destroy_process_group()
    idist.sync()  # ignite takes the group for still there otherwise, in whatever this process runs next
