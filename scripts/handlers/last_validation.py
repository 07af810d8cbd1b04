"""Validation after the last epoch, which an interval between validations can leave out."""

from __future__ import annotations

from ignite.engine import Engine, Events
from monai.handlers import ValidationHandler


class LastValidation(ValidationHandler):
    """MONAI's ValidationHandler after the last epoch alone, and only where `interval` does not divide it.

    It is used beside a ValidationHandler of the same interval. Without it a training of fewer epochs than the interval
    would leave no best weights, and others would lose what they learnt since their last validation.
    """

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.EPOCH_COMPLETED(event_filter=self.is_left_out), self)

    def is_left_out(self, engine: Engine, epoch: int) -> bool:
        return epoch == engine.state.max_epochs and epoch % self.interval != 0
