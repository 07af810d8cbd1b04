"""A training that ends in the middle of an epoch, one iteration after its last checkpoint."""

from __future__ import annotations

from pathlib import Path

from ignite.engine import Engine, Events


class Interruption:
    """Ends a training after its third iteration."""

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.ITERATION_COMPLETED(once=3), self)

    def __call__(self) -> None:
        raise RuntimeError("interrupted")


def interruption(path: Path) -> Path:
    """Write an overlay of a training config that interrupts it, to `path`."""
    path.write_text("+train#handlers:\n- _target_: tests.interruption.Interruption\n")
    return path
