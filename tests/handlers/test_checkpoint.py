"""What a checkpoint holds, when it is written, and what becomes of it when something goes wrong."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import torch
from ignite.engine import Engine, Events

from scripts.handlers.checkpoint import Checkpoint
from scripts.handlers.ema import MovingAverage, PaperSchedule, ema_model
from scripts.io import atomic_file
from scripts.io.user_error import Interrupted
from tests.engines.vessel_blocks import pretrainer


class Training:
    """A network that every iteration moves, its moving average and its validation, whose metric falls."""

    def __init__(self, path: Path, interval: int = 1) -> None:
        torch.manual_seed(0)
        self.network = torch.nn.Linear(2, 2)
        self.ema = ema_model(torch.nn.Linear(2, 2), PaperSchedule(5))
        self.validator = Engine(lambda engine, batch: None)
        self.validator.state.best_metric, self.validator.state.best_metric_epoch = -1.0, -1
        self.engine = Engine(self.step)
        self.engine.state.device = torch.device("cpu")
        objects = {"network": self.network, "ema": self.ema}
        Checkpoint(str(path), objects, self.validator, interval).attach(self.engine)  # first, as in the configs
        MovingAverage(self.network, self.ema).attach(self.engine)
        self.engine.add_event_handler(Events.EPOCH_COMPLETED, self.validate)

    def step(self, engine: Engine, batch: int) -> None:
        with torch.no_grad():
            self.network.weight += engine.state.iteration

    def validate(self, engine: Engine) -> None:
        self.validator.state.best_metric, self.validator.state.best_metric_epoch = 1.0, engine.state.epoch

    def run(self, epochs: int = 2) -> Training:
        self.engine.run(range(3), max_epochs=epochs)
        return self


class Killed(BaseException):
    pass


def killed_after(training: Training, event: Events, iteration: int) -> None:
    def kill(engine: Engine) -> None:
        if engine.state.iteration == iteration:
            raise Killed

    training.engine.add_event_handler(Events.STARTED, lambda: training.engine.add_event_handler(event, kill))
    with pytest.raises(Killed):
        training.run()


@pytest.mark.parametrize(
    ("event", "iteration"),
    [
        (Events.ITERATION_COMPLETED, 2),
        (Events.ITERATION_COMPLETED, 3),  # before the validation
        (Events.EPOCH_COMPLETED, 3),
        (Events.ITERATION_STARTED, 5),
    ],
)
def test_a_run_that_was_killed_ends_as_it_would_have(tmp_path, event, iteration):
    whole = Training(tmp_path / "whole.pt").run()
    killed_after(Training(tmp_path / "killed.pt"), event, iteration)
    resumed = Training(tmp_path / "killed.pt").run()
    assert torch.equal(whole.network.weight, resumed.network.weight)
    assert torch.equal(whole.ema.module.weight, resumed.ema.module.weight)
    assert whole.ema.n_averaged == resumed.ema.n_averaged
    assert vars(whole.validator.state) == vars(resumed.validator.state)


def test_the_checkpoint_of_the_end_of_an_epoch_knows_its_validation(tmp_path):
    killed_after(Training(tmp_path / "a.pt", interval=3), Events.ITERATION_STARTED, 4)
    content = torch.load(tmp_path / "a.pt", weights_only=True)
    assert content["best_metric"] == (1.0, 1) and content["trainer"]["iteration"] == 3


def test_there_is_a_checkpoint_before_the_first_iteration(tmp_path):
    killed_after(Training(tmp_path / "a.pt", interval=100), Events.ITERATION_STARTED, 1)
    assert torch.load(tmp_path / "a.pt", weights_only=True)["trainer"]["iteration"] == 0


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError(122, "Disk quota exceeded")])
def test_a_full_disk_leaves_the_checkpoint_before(tmp_path, monkeypatch, error):
    Training(tmp_path / "a.pt").run(1)
    before = (tmp_path / "a.pt").read_bytes()

    def full(descriptor: int) -> None:
        raise error

    monkeypatch.setattr(atomic_file.os, "fsync", full)
    with pytest.raises(OSError, match=rf"{error.strerror}; free space.*a\.pt"):
        Training(tmp_path / "a.pt").run(2)
    assert (tmp_path / "a.pt").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.pt"]


def test_weights_that_are_not_finite_do_not_replace_good_ones(tmp_path):
    training = Training(tmp_path / "a.pt")

    @training.engine.on(Events.ITERATION_STARTED(once=3))
    def spoil(engine):
        with torch.no_grad():
            training.network.weight.fill_(torch.nan)

    with pytest.raises(FloatingPointError, match=r"network, ema: .*iteration 3.* is .*a\.pt, after iteration 2"):
        training.run()
    assert torch.load(tmp_path / "a.pt", weights_only=True)["network"]["weight"].isfinite().all()


def test_a_lower_learning_rate_is_taken_when_a_run_goes_on(tmp_path):
    def optimizer(rate):
        return torch.optim.Adam([torch.nn.Parameter(torch.ones(1))], rate)

    def run(rate, epochs):
        item, engine, validator = optimizer(rate), Engine(lambda *_: None), Engine(lambda *_: None)
        validator.state.best_metric, validator.state.best_metric_epoch = 0.0, 0
        engine.state.device = torch.device("cpu")
        Checkpoint(str(tmp_path / "a.pt"), {"optimizer": item}, validator, 1).attach(engine)
        engine.run(range(2), max_epochs=epochs)
        return item.param_groups[0]["lr"]

    assert run(0.1, 1) == 0.1
    assert run(0.01, 2) == 0.01


@pytest.mark.parametrize("damage", ["empty", "cut", "other"])
def test_a_damaged_checkpoint_is_named(tmp_path, damage):
    file = tmp_path / "a.pt"
    Training(file).run(1)
    content = file.read_bytes()
    file.write_bytes({"empty": b"", "cut": content[: len(content) // 2], "other": b"<html></html>"}[damage])
    with pytest.raises(ValueError, match=r"a\.pt: is (no whole file|refused)"):
        Training(file).run()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("iteration", [2, 3])  # within an epoch, and at its end
def test_ctrl_c_finishes_the_iteration_and_says_how_to_go_on(tmp_path, caplog, number, iteration):
    def trainer():
        made = pretrainer(3)
        made.state.max_epochs = 2
        validator = Engine(lambda *_: None)
        validator.state.best_metric, validator.state.best_metric_epoch = 0.0, 0
        Checkpoint(str(tmp_path / "a.pt"), {"network": made.network}, validator, 100).attach(made)
        return made

    interrupted, before = trainer(), signal.getsignal(number)
    interrupted.add_event_handler(Events.ITERATION_STARTED(once=iteration), lambda: os.kill(os.getpid(), number))
    with pytest.raises(Interrupted, match=f"after iteration {iteration}"):
        interrupted.run()
    assert torch.load(tmp_path / "a.pt", weights_only=True)["trainer"]["iteration"] == iteration
    assert f"interrupted after iteration {iteration}; {tmp_path}/a.pt is written: the same command" in caplog.text
    assert signal.getsignal(number) is before


def test_a_second_ctrl_c_stops_at_once(tmp_path):
    trainer = pretrainer(3)

    @trainer.on(Events.ITERATION_STARTED(once=2))
    def press_twice(engine):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    assert trainer.state.iteration == 2


def test_the_scale_of_float16_gradients_goes_on(tmp_path):
    first, second, without = (Training(tmp_path / "a.pt") for _ in range(3))
    for training, scale in ((first, 8.0), (second, 65536.0)):
        training.engine.scaler = torch.amp.GradScaler("cpu", init_scale=scale)
    first.run()
    second.run(epochs=3)
    assert second.engine.scaler.get_scale() == 8
    without.run(epochs=4)  # a run may go on on a processor
    third = Training(tmp_path / "a.pt")
    third.engine.scaler = torch.amp.GradScaler("cpu", init_scale=32.0)
    third.run(epochs=5)  # and back
    assert third.engine.scaler.get_scale() == 32
