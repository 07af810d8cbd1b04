"""Training in several processes."""

from __future__ import annotations

from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


def start_processes(device: torch.device, patience: float = 0.5) -> None:
    """Join the group of processes that torchrun started: nccl on GPUs, gloo on CPUs.

    Args:
        device: of this process.
        patience: hours that a process waits for the others before it gives up.
    """
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=timedelta(hours=patience))


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
