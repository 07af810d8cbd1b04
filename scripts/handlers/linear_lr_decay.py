"""A learning rate that falls to 0 by the end of the training."""

from __future__ import annotations

from ignite.engine import Engine, Events
from torch.optim import Optimizer


class LinearLrDecay:
    """Set the learning rate to (1 - (i - 1) / N) times the initial one before iteration i of N.

    The rate depends on the iteration alone, so that a resumed run goes on with the right one; torch's schedulers, and
    with them MONAI's LrScheduleHandler, would first take a step at the full rate.

    Args:
        optimizer: all of its groups are scaled alike.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.rates = [group["lr"] for group in optimizer.param_groups]

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.ITERATION_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        left = 1 - (engine.state.iteration - 1) / (engine.state.max_epochs * engine.state.epoch_length)
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group["lr"] = rate * left
