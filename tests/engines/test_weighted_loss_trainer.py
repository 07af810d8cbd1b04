"""What the trainers of all stages share, on a network of one weight."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from ignite.engine import Events
from monai.engines import SupervisedTrainer
from monai.engines.utils import IterationEvents
from torch import Tensor, nn
from torch.utils.data import DataLoader

from scripts.engines.weighted_loss_trainer import WeightedLossTrainer

LENGTH = 4
IMAGES = torch.arange(1.0, LENGTH + 1)[:, None, None]  # one (1, 1) a batch


class TwoTerms(WeightedLossTrainer):
    """First term: mean of w x, second: w^2; notes how it was called."""

    def predict(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        self.calls = getattr(self, "calls", [])
        precision = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else torch.float32
        self.calls.append({"training": self.network.training, "draw": torch.rand(()).item(), "precision": precision})
        return {"image": batch["image"], "pred": self.network(batch["image"])}

    def loss_terms(self, batch: dict[str, Tensor], output: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"first": output["pred"].mean(), "second": self.network.weight.square().sum()}


def trained(**settings: Any) -> TwoTerms:
    network = nn.Linear(1, 1, bias=False)
    nn.init.ones_(network.weight)
    trainer = TwoTerms(
        device="cpu",
        max_epochs=1,
        epoch_length=LENGTH,
        train_data_loader=DataLoader([{"image": image} for image in IMAGES], batch_size=None),
        network=network.eval(),  # as a validation before it may have left it
        optimizer=torch.optim.SGD(network.parameters(), 0.1),
        loss_function=nn.Identity(),
        **settings,
    )
    trainer.terms = []
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: engine.terms.append(engine.state.output))
    trainer.run()
    return trainer


def test_steps_match_the_slow_reference() -> None:
    trainer = trained(loss_weights={"second": 0.5})
    weight = 1.0
    for output, x in zip(trainer.terms, IMAGES.flatten().tolist(), strict=True):
        assert output["terms"] == pytest.approx({"first": weight * x, "second": weight**2}, rel=1e-5)  # not weighted
        assert output["loss"] == pytest.approx(weight * x + 0.5 * weight**2, rel=1e-5)
        weight -= 0.1 * (x + 0.5 * 2 * weight)  # of this iteration's gradient alone
    assert trainer.network.weight.item() == pytest.approx(weight, rel=1e-5)


def test_every_iteration_has_its_own_draws_of_the_seed() -> None:
    torch.manual_seed(1)
    first = [call["draw"] for call in trained(seed=3).calls]
    torch.manual_seed(2)
    assert [call["draw"] for call in trained(seed=3).calls] == first
    other = [call["draw"] for call in trained(seed=4).calls]
    assert len({*first, *other}) == 2 * LENGTH


def test_the_network_is_in_training_mode() -> None:
    assert all(call["training"] for call in trained().calls)


@pytest.mark.parametrize(
    ("settings", "precision"),
    [
        ({}, torch.float32),
        ({"amp": True}, torch.bfloat16),
        ({"amp": True, "amp_kwargs": {"dtype": torch.float16}}, torch.float16),
    ],
)
def test_precision(settings: dict[str, Any], precision: torch.dtype) -> None:
    trainer = trained(**settings)
    assert {call["precision"] for call in trainer.calls} == {precision}
    assert trainer.scaler is None


def test_it_fires_the_events_of_a_supervised_trainer() -> None:
    assert issubclass(WeightedLossTrainer, SupervisedTrainer)
    events = ("FORWARD_COMPLETED", "LOSS_COMPLETED", "BACKWARD_COMPLETED", "MODEL_COMPLETED")
    seen: list[str] = []

    class Listener:
        def attach(self, engine: WeightedLossTrainer) -> None:
            for event in events:
                engine.add_event_handler(IterationEvents[event], lambda _, name=event: seen.append(name))

    trained(train_handlers=[Listener()])
    assert tuple(seen) == events * LENGTH
