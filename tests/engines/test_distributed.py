"""What becomes of a network that several processes train."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn

from scripts.engines import distributed
from scripts.engines.distributed import distributed_network, stop_processes
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


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv3d(1, 2, 3), nn.BatchNorm3d(2), nn.ReLU(), nn.Conv3d(2, 1, 1))


def share(rank: int) -> torch.Tensor:
    """Crops of a process, (2, 1, 6, 6, 6); the processes' differ in mean and variance."""
    return torch.randn(2, 1, 6, 6, 6, generator=torch.Generator().manual_seed(rank)) * (1 + rank) + rank


def step(model: nn.Module, image: torch.Tensor) -> dict[str, torch.Tensor]:
    """Gradients and batch normalisation's statistics after one pass there and back."""
    (model(image) ** 2).mean().backward()
    plain = getattr(model, "module", model)
    found = {name: parameter.grad.clone() for name, parameter in plain.named_parameters()}
    return found | {name: buffer.clone() for name, buffer in plain.named_buffers()}


def one_process(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    torch.save(step(distributed_network(network(), torch.device("cpu")), share(rank)), f"{folder}/{rank}.pt")
    stop_processes()


def test_on_processors_a_process_normalises_its_own_share_and_gradients_are_averaged(tmp_path: Path) -> None:
    mp.spawn(one_process, args=(str(tmp_path),), nprocs=2)
    alone = [step(network(), share(rank)) for rank in range(2)]
    for rank in range(2):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        for name, value in found.items():
            of_buffer = "running" in name or "tracked" in name
            expected = alone[rank][name] if of_buffer else (alone[0][name] + alone[1][name]) / 2
            torch.testing.assert_close(value, expected)
    assert not torch.allclose(alone[0]["1.running_mean"], alone[1]["1.running_mean"])
