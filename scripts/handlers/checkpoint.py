"""Checkpoints from which a run goes on as if it had not been interrupted."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from torch import nn

from ..data.atomic_file import write_atomically

logger = logging.getLogger(__name__)


def unwrap(network: nn.Module) -> nn.Module:
    """The module inside AveragedModel or DistributedDataParallel, or the network itself."""
    return getattr(network, "module", network)


def save_atomically(content: Any, path: Path) -> None:
    """torch.save under a temporary name, then rename: `path` is the old file or the new one, never half of one."""
    write_atomically(path, lambda partial: torch.save(content, partial))


class Checkpoint:
    """At STARTED loads `path` if it is there; writes it every `interval` iterations and after every epoch.

    It holds the state of every object, the trainer's iteration and the scale of its gradients. Draws follow from seed
    and iteration, so no random state is in it. MONAI's CheckpointSaver cannot serve: the trainer that it has to save is
    built from its handlers.

    Wherever it stands in the list of handlers, it writes when the others are done with the iteration: with the moving
    average of that iteration and, at the end of an epoch, with the metric of its validation.

    Args:
        path: the file.
        objects: whatever has `state_dict` and `load_state_dict`, by name.
        evaluator: its best metric is kept too: a resumed run does not replace a better model by its first one.
        interval: iterations between two checkpoints within an epoch.
        save: False where another process of a distributed run saves.

    Raises:
        ValueError: at STARTED, when the checkpoint is of another configuration.
    """

    def __init__(self, path: str, objects: dict[str, Any], evaluator: Engine, interval: int, save: bool = True) -> None:
        self.path = Path(path)
        self.objects = objects
        self.evaluator = evaluator
        self.interval = interval
        self.save = save

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.load)
        if self.save:
            engine.add_event_handler(Events.STARTED, self.write_last)

    def write_last(self, engine: Engine) -> None:
        """Ignite calls what is added last after all others; by now these have been added."""
        within_epoch = Events.ITERATION_COMPLETED(event_filter=self.is_due)
        engine.add_event_handler(within_epoch | Events.EPOCH_COMPLETED, self.write)

    def is_due(self, engine: Engine, iteration: int) -> bool:
        """Not at the end of an epoch, whose validation is still to come."""
        return iteration % self.interval == 0 and iteration % engine.state.epoch_length != 0

    def load(self, engine: Engine) -> None:
        if not self.path.is_file():
            return
        content = torch.load(self.path, map_location=engine.state.device, weights_only=True)
        max_epochs = engine.state.max_epochs
        try:
            if content["trainer"]["epoch_length"] != engine.state.epoch_length:
                raise ValueError(f"it has {content['trainer']['epoch_length']} iterations per epoch")
            for name, item in self.objects.items():
                item.load_state_dict(content[name])
        except (KeyError, RuntimeError, ValueError) as error:
            raise ValueError(
                f"{self.path}: this checkpoint is of a run with other settings ({error}). Give the settings of that "
                "run, or another output_dir, or move the file away to start anew."
            ) from error
        scaler = getattr(engine, "scaler", None)
        if scaler is not None and "scaler" in content:  # not in that of a run on a processor
            scaler.load_state_dict(content["scaler"])
        self.evaluator.state.best_metric, self.evaluator.state.best_metric_epoch = content["best"]
        engine.load_state_dict(content["trainer"])
        engine.state.max_epochs = max_epochs  # more epochs than the interrupted run had are welcome
        logger.info("%s: going on after iteration %d", self.path, engine.state.iteration)

    def write(self, engine: Engine) -> None:
        scaler = getattr(engine, "scaler", None)  # of the gradients in float16
        objects = self.objects if scaler is None else {**self.objects, "scaler": scaler}
        content = {name: item.state_dict() for name, item in objects.items()}
        best = (float(self.evaluator.state.best_metric), self.evaluator.state.best_metric_epoch)
        save_atomically({**content, "trainer": dict(engine.state_dict()), "best": best}, self.path)
