"""Training in several processes."""

from __future__ import annotations

import gc

import ignite.distributed as idist
import torch
import torch.distributed as dist
from monai.bundle import ConfigWorkflow
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from ..checks.call_stack import arguments_of_call


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
    """Leave the group of processes, after everything that the running config has built was let go.

    A DistributedDataParallel that outlives its group can wait for ever, when the process ends, for a thread of it.
    """
    call = arguments_of_call(ConfigWorkflow.finalize)
    if call is not None:
        call["self"].parser.ref_resolver.reset()
    gc.collect()  # trainer, handlers and network refer to each other
    dist.destroy_process_group()
    idist.sync()  # ignite takes the group for still there otherwise, in whatever this process runs next
