import logging

import pytest
from ignite.engine import Engine

from scripts.handlers import time_estimate
from scripts.handlers.time_estimate import TimeEstimate


@pytest.mark.parametrize(("start", "left"), [(0, 35), (12, 23)])
def test_the_time_that_is_left_is_told_once_and_early(
    start: int, left: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = [0.0]
    monkeypatch.setattr(time_estimate.time, "perf_counter", lambda: clock[0])

    def iteration(engine: Engine, batch: int) -> None:
        clock[0] += 100.0 if engine.state.iteration <= start + 2 else 6.0  # the first ones are slower

    engine = Engine(iteration)
    TimeEstimate().attach(engine)
    engine.load_state_dict({"iteration": start, "epoch_length": 10, "max_epochs": 4})
    with caplog.at_level(logging.INFO, logger=time_estimate.__name__):
        engine.run(range(40), max_epochs=4, epoch_length=10)
    messages = [record.message for record in caplog.records if record.name == time_estimate.__name__]
    expected = (
        f"6.00 s per iteration: the remaining {left} iterations will take about 0:0{left * 6 // 60}:{left * 6 % 60:02d}"
    )
    assert messages == [f"{expected}, validation not counted"]
