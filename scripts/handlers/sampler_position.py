"""Tell the sampler where a resumed run goes on."""

from __future__ import annotations

from ignite.engine import Engine, Events

from ..datasets.iteration_sampler import IterationSampler


class SamplerPosition:
    """At STARTED, after the checkpoint was loaded, set the sampler to the trainer's iteration."""

    def __init__(self, sampler: IterationSampler) -> None:
        self.sampler = sampler

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self)

    def __call__(self, engine: Engine) -> None:
        self.sampler.start = engine.state.iteration
