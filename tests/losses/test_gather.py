"""The losses over the rows of two processes are those of one process over the same rows."""

import gc
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from scripts.losses.dice import negative_dice
from scripts.losses.gather import gather
from scripts.losses.patch_discrimination import PatchDiscriminationLoss, patch_embeddings
from scripts.losses.region_discrimination import RegionDiscriminationLoss
from scripts.losses.reliability import ReliabilityLoss
from scripts.losses.temporal_consistency import TemporalConsistencyLoss

PROCESSES = 2
NAMES = ("patch", "region", "dice", "consistency", "reliability")


class TinyNetwork(nn.Module):
    """Unit embeddings and cluster probabilities, voxel by voxel."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding, self.clusters = nn.Conv3d(2, 4, 1), nn.Conv3d(2, 3, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return F.normalize(self.embedding(x), dim=1), F.softmax(self.clusters(x), dim=1)


def images() -> Tensor:
    return torch.randn(2 * PROCESSES, 2, 4, 4, 4, generator=torch.Generator().manual_seed(1))


def loss(name: str, network: nn.Module, x: Tensor) -> Tensor:
    embedding, clusters = network(x)
    vessels, target = clusters[:, :1], x[:, :1].sigmoid()
    if name == "patch":
        patches = patch_embeddings(embedding, grid=2)
        return PatchDiscriminationLoss()(patches, patches.flip(2))
    if name == "region":
        return RegionDiscriminationLoss()(embedding, clusters)
    if name == "dice":
        return negative_dice(
            [vessels, embedding.abs()], [target, clusters.mean(dim=1, keepdim=True).expand(-1, 4, -1, -1, -1)]
        )
    if name == "consistency":
        return TemporalConsistencyLoss()(vessels, target)
    return ReliabilityLoss()(vessels, (target > 0.5).float(), (x[:, 1:] > 0).float())


def loss_and_gradient(name: str, network: nn.Module, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    network.zero_grad()
    value = loss(name, network, x)
    value.backward()
    return value.detach(), [torch.zeros(()) if p.grad is None else p.grad.clone() for p in network.parameters()]


def answers_of(rank: int) -> dict:
    network = DistributedDataParallel(TinyNetwork(), find_unused_parameters=True)
    share = images().chunk(PROCESSES)[rank]
    return {"gathered": gather(share), **{name: loss_and_gradient(name, network, share) for name in NAMES}}


def one_process(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=PROCESSES)
    torch.save(answers_of(rank), f"{folder}/{rank}.pt")
    gc.collect()  # a DistributedDataParallel that outlives its group can wait for ever for the group's thread
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What each of the processes computed."""
    folder: Path = tmp_path_factory.mktemp("processes")
    mp.spawn(one_process, args=(str(folder),), nprocs=PROCESSES)
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(PROCESSES)]


@pytest.mark.parametrize("name", NAMES)
def test_two_processes_compute_the_loss_and_gradient_of_one(name: str, answers: list[dict]) -> None:
    expected, expected_gradients = loss_and_gradient(name, TinyNetwork(), images())
    assert any(gradient.any() for gradient in expected_gradients)
    for answer in answers:
        value, gradients = answer[name]
        torch.testing.assert_close(value, expected)
        for gradient, reference in zip(gradients, expected_gradients):
            torch.testing.assert_close(gradient, reference.expand_as(gradient), rtol=1e-4, atol=1e-6)


def test_rows_come_in_the_order_of_the_processes(answers: list[dict]) -> None:
    assert all(torch.equal(answer["gathered"], images()) for answer in answers)


def test_a_single_process_keeps_its_own_rows() -> None:
    x = images()
    assert gather(x) is x
