"""Two processes that share an iteration's crops compute what one process computes over all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from monai.engines.utils import IterationEvents
from torch import Tensor, nn
from torch.utils.data import DataLoader

from scripts.checks.first_stage import ensure_pretrained
from scripts.datasets.crop_dataset import CropDataset
from scripts.datasets.iteration_dataset import IterationDataset
from scripts.engines.distributed import distributed_network, stop_processes
from scripts.engines.reliability_trainer import ReliabilityTrainer
from scripts.engines.shape_guided_trainer import ShapeGuidedTrainer
from scripts.engines.weighted_loss_trainer import WeightedLossTrainer
from scripts.handlers.ema import MovingAverage, PaperSchedule, ema_model
from scripts.io.user_error import UserError
from scripts.losses.patch_discrimination import PatchDiscriminationLoss
from scripts.losses.reliability import ReliabilityLoss
from scripts.networks.shape_discriminator import ShapeDiscriminator
from scripts.networks.vessel_unet import VesselSegmenter, VesselUNet
from tests.engines.vessel_blocks import CHANNELS, view_dataset
from tests.killed_runs import preloaded

PROCESSES = 2
CPU = torch.device("cpu")
GATHERED = ["patch_discrimination", "hypersphere_mixup", "region_discrimination", "consistency", "reliability"]


class Unsure(nn.Module):
    """Stands for the best network of stage 3."""

    def forward(self, x: Tensor) -> Tensor:
        return ((x - 1.3) * 8).sigmoid()


def prepared(network: nn.Module, world_size: int) -> nn.Module:
    """Without batch normalisation, which on a CPU sees the process's own share alone; for several processes."""
    for module in network.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.BatchNorm3d):
                setattr(module, name, nn.Identity())
    return network if world_size == 1 else distributed_network(network, CPU)


def one_iteration(items: IterationDataset, network: nn.Module) -> dict:
    """Arguments that the trainers of all stages share."""
    return {
        "device": CPU,
        "max_epochs": 1,
        "epoch_length": 1,
        "train_data_loader": DataLoader(items, batch_size=None),
        "network": network,
        "optimizer": torch.optim.SGD(network.parameters(), 1e-3),
    }


def stage_2(masks_dir: Path, rank: int, world_size: int) -> ShapeGuidedTrainer:
    torch.manual_seed(0)
    network = prepared(VesselUNet(CHANNELS, vessel_prior=0.02), world_size)
    ema = ema_model(prepared(VesselSegmenter(CHANNELS), 1), PaperSchedule(period=5))
    discriminator = prepared(ShapeDiscriminator(), world_size)
    items = view_dataset(1, masks_dir, synthetic_vessels=True, crop_pairs=PROCESSES, rank=rank, world_size=world_size)
    return ShapeGuidedTrainer(
        **one_iteration(items, network),
        loss_function=PatchDiscriminationLoss(),
        loss_weights={"region_discrimination": 10.0, "entropy": 0.1, "synthetic_vessels": 5.0},
        discriminator=discriminator,
        discriminator_optimizer=torch.optim.SGD(discriminator.parameters(), 1e-3),
        ema=ema,
        train_handlers=[MovingAverage(network, ema)],
    )


def stage_3(rank: int, world_size: int) -> ReliabilityTrainer:
    torch.manual_seed(0)
    again = world_size > 1  # features computed again, with one head unused, under DistributedDataParallel
    network = prepared(VesselSegmenter(CHANNELS, vessel_prior=0.1, checkpointing=again), world_size)
    source = view_dataset(1)
    shares = {"crops": 2 * PROCESSES, "orientations": 2, "iterations": 1, "rank": rank, "world_size": world_size}
    items = CropDataset(source.crops.volumes, 32, source.augment, **shares)
    return ReliabilityTrainer(
        **one_iteration(items, network),
        loss_function=ReliabilityLoss(),
        best=Unsure(),
    )


def gradients(network: nn.Module) -> list[Tensor]:
    return [torch.zeros(()) if p.grad is None else p.grad.clone() for p in network.parameters()]


def iteration_of(trainer: WeightedLossTrainer) -> dict:
    """Terms and gradients of one iteration; the discriminator's are those of its own step."""
    seen: dict = {}
    trainer.add_event_handler(
        IterationEvents.BACKWARD_COMPLETED, lambda engine: seen.update(network=gradients(engine.network))
    )
    trainer.run()
    seen["terms"] = trainer.state.output["terms"]
    seen["discriminator"] = gradients(trainer.discriminator) if isinstance(trainer, ShapeGuidedTrainer) else []
    return seen


def both_stages(masks_dir: Path, rank: int = 0, world_size: int = 1) -> dict[str, dict]:
    trainers = {"train": stage_2(masks_dir, rank, world_size), "refine": stage_3(rank, world_size)}
    return {stage: iteration_of(trainer) for stage, trainer in trainers.items()}


def one_process(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=PROCESSES)
    answer: dict = both_stages(Path(folder), rank, PROCESSES)
    try:
        ensure_pretrained(f"{folder}/pretrain/model.pt", "pretrain.yaml", f"{folder}/none", {"output_dir": folder})
    except UserError as error:
        answer["refusal"] = str(error)
    torch.save(answer, f"{folder}/{rank}.pt")
    stop_processes()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What one process computes, and what each of two does."""
    folder = tmp_path_factory.mktemp("processes")
    alone = both_stages(folder)  # writes the 2D mask too
    processes = [preloaded().Process(target=one_process, args=(rank, str(folder))) for rank in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    return [alone, *(torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(PROCESSES))]


@pytest.mark.parametrize(
    ("stage", "network"), [("train", "network"), ("train", "discriminator"), ("refine", "network")]
)
def test_gradients_are_those_of_one_process(stage: str, network: str, answers: list[dict]) -> None:
    alone, *shared = [answer[stage][network] for answer in answers]
    assert all(gradient.any() for gradient in alone[:4])
    for gradients_of_share in shared:
        for gradient, expected in zip(gradients_of_share, alone):
            torch.testing.assert_close(gradient, expected.expand_as(gradient), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("stage", ["train", "refine"])
def test_terms_are_those_of_one_process(stage: str, answers: list[dict]) -> None:
    alone, *shared = [answer[stage]["terms"] for answer in answers]
    for name, value in alone.items():
        values = [terms[name] for terms in shared]
        assert sum(values) / PROCESSES == pytest.approx(value, rel=1e-4), name
        if name in GATHERED:
            assert values[0] == pytest.approx(values[1], rel=1e-6), name


def test_stage_1_is_not_run_by_every_process(answers: list[dict]) -> None:
    assert all("run configs/pretrain.yaml first" in answer["refusal"] for answer in answers[1:])
