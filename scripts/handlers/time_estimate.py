"""Tell early how long a run will take."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from ignite.engine import Engine, Events

WARM_UP = 2  # the first iterations are slower: loader workers start, memory is allocated
TIMED = 3

logger = logging.getLogger(__name__)


class TimeEstimate:
    """Log, after a few iterations, how long the remaining ones will take (without validation)."""

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.measure)

    def start(self, engine: Engine) -> None:
        self.first = engine.state.iteration

    def measure(self, engine: Engine) -> None:
        done = engine.state.iteration - self.first
        if done == WARM_UP:
            self.since = time.perf_counter()
        elif done == WARM_UP + TIMED:
            seconds = (time.perf_counter() - self.since) / TIMED
            left = engine.state.max_epochs * engine.state.epoch_length - engine.state.iteration
            logger.info(
                "%.2f s per iteration: the remaining %d iterations will take about %s, validation not counted",
                seconds,
                left,
                timedelta(seconds=round(seconds * left)),
            )
