from __future__ import annotations

from unittest.mock import Mock, call

import pytest
from ignite.engine import Engine
from monai.engines import Evaluator
from monai.handlers import ValidationHandler

from scripts.handlers.last_validation import LastValidation


@pytest.mark.parametrize(
    ("epochs", "interval", "validated"),
    [(6, 2, [2, 4, 6]), (7, 3, [3, 6, 7]), (2, 5, [2]), (5, 5, [5]), (2, 1, [1, 2])],
)
def test_the_last_epoch_is_validated_once(epochs, interval, validated):
    trainer = Engine(lambda engine, batch: None)
    evaluator = Mock(spec=Evaluator)
    for handler in (ValidationHandler, LastValidation):
        handler(interval=interval, validator=evaluator).attach(trainer)
    trainer.run([0], max_epochs=epochs)
    assert evaluator.run.call_args_list == [call(epoch) for epoch in validated]
