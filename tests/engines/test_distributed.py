"""What becomes of a network that several processes train."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from scripts.engines import distributed
from scripts.engines.distributed import distributed_network
from scripts.networks.vessel_unet import VesselUNet


@pytest.mark.parametrize(("device", "shared"), [(torch.device("cuda", 0), True), (torch.device("cpu"), False)])
def test_batch_normalisation_is_over_all_processes_where_there_are_gpus(
    device: torch.device, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nn.Module, "to", lambda self, device: self)  # no GPU here
    monkeypatch.setattr(distributed, "DistributedDataParallel", lambda network, **options: network)
    network = distributed_network(VesselUNet([2, 2, 2, 2, 2]), device)
    layers = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    assert len(layers) == 2 * 9 + 2
    assert all(isinstance(layer, nn.SyncBatchNorm) == shared for layer in layers)
