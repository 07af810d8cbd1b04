"""A run that is killed anywhere and started again ends as if nothing had happened."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from ignite.engine import Events
from ignite.metrics import Average
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import ValidationHandler
from torch import nn
from torch.utils._pytree import tree_map
from torch.utils.data import DataLoader

from scripts.data.iteration_sampler import IterationSampler
from scripts.handlers.best_model import BestModel
from scripts.handlers.checkpoint import Checkpoint
from scripts.handlers.ema import MovingAverage, PaperSchedule, ema_model
from scripts.handlers.sampler_position import SamplerPosition

EPOCHS, LENGTH = 3, 3
SCORES = [0.5, 0.9, 0.6]  # of the validations; the second network is the best


class Killed(Exception):
    """Stands for whatever ends a run before its time."""


def training(folder: Path, interval: int = 2, killed_at: int = 0, killed_in_validation: int = 0) -> SupervisedTrainer:
    """A trainer of one weight, its handlers in the order of the configs."""
    torch.manual_seed(0)
    network = nn.Linear(1, 1)
    ema = ema_model(nn.Linear(1, 1), PaperSchedule(period=2))
    generator = torch.Generator().manual_seed(1)
    items = [dict(zip(("image", "label"), torch.rand(2, 1, generator=generator))) for _ in range(EPOCHS * LENGTH)]
    evaluator = SupervisedEvaluator(
        device="cpu",
        val_data_loader=DataLoader([{"image": torch.ones(1), "label": torch.ones(1)}]),
        network=ema,
        key_val_metric={"score": Average(lambda output: SCORES[evaluator.state.epoch - 1])},
        val_handlers=[BestModel(ema, str(folder / "model.pt"))],
    )
    sampler = IterationSampler(len(items))
    optimizer = torch.optim.Adam(network.parameters(), 0.1)
    objects = {"network": network, "ema": ema, "optimizer": optimizer}
    trainer = SupervisedTrainer(
        device="cpu",
        max_epochs=EPOCHS,
        epoch_length=LENGTH,
        train_data_loader=DataLoader(items, batch_size=None, sampler=sampler),
        network=network,
        optimizer=optimizer,
        loss_function=nn.MSELoss(),
        decollate=False,
        train_handlers=[
            Checkpoint(str(folder / "checkpoint.pt"), objects, evaluator, interval),
            SamplerPosition(sampler),
            MovingAverage(network, ema),
            ValidationHandler(interval=1, validator=evaluator),
        ],
    )

    def kill(_: object) -> None:
        raise Killed

    if killed_at:
        trainer.add_event_handler(Events.ITERATION_STARTED(once=killed_at), kill)
    if killed_in_validation:
        evaluator.add_event_handler(
            Events.STARTED(event_filter=lambda engine, _: engine.state.epoch + 1 == killed_in_validation), kill
        )
    return trainer


def results(folder: Path) -> str:
    """All that a run leaves: the last checkpoint and the best network."""
    files = [torch.load(folder / name, weights_only=True) for name in ("checkpoint.pt", "model.pt")]
    return repr(tree_map(lambda leaf: leaf.tolist() if isinstance(leaf, torch.Tensor) else leaf, files))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("uninterrupted")
    training(folder).run()
    return results(folder)


def assert_ends_alike(folder: Path, uninterrupted: str, interval: int = 2) -> None:
    training(folder, interval).run()
    assert results(folder) == uninterrupted


@pytest.mark.parametrize("interval", [2, 3])
@pytest.mark.parametrize("iteration", [1, 4, 6, 9])
def test_killed_in_an_iteration(iteration: int, interval: int, tmp_path: Path, uninterrupted: str) -> None:
    with pytest.raises(Killed):
        training(tmp_path, interval, killed_at=iteration).run()
    assert_ends_alike(tmp_path, uninterrupted, interval)


@pytest.mark.parametrize("epoch", [1, 3])
def test_killed_in_a_validation(epoch: int, tmp_path: Path, uninterrupted: str) -> None:
    with pytest.raises(Killed):
        training(tmp_path, killed_in_validation=epoch).run()
    assert_ends_alike(tmp_path, uninterrupted)


def test_a_finished_run_does_nothing_more(tmp_path: Path, uninterrupted: str) -> None:
    training(tmp_path).run()
    assert_ends_alike(tmp_path, uninterrupted)


def test_another_process_does_not_write(tmp_path: Path) -> None:
    network, engine = nn.Linear(1, 1), training(tmp_path)
    handler = Checkpoint(str(tmp_path / "other.pt"), {"network": network}, engine, 1, save=False)
    handler.attach(engine)
    engine.run()
    assert not (tmp_path / "other.pt").exists()


def test_the_scale_of_float16_gradients_goes_on(tmp_path: Path) -> None:
    first, second, without = (training(tmp_path) for _ in range(3))
    first.scaler, second.scaler = (torch.amp.GradScaler("cpu", init_scale=scale) for scale in (8.0, 65536.0))
    handler = Checkpoint(str(tmp_path / "scaled.pt"), {}, first, 1)
    handler.write(first)
    handler.load(second)
    assert second.scaler.get_scale() == 8
    handler.load(without)  # a run may go on on a processor
    handler.write(without)
    handler.load(second)  # and back
    assert second.scaler.get_scale() == 8
