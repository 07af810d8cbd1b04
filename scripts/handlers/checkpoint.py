"""Checkpoints from which a run goes on as if it had not been interrupted."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from torch import nn
from torch.optim import Optimizer

from ..io.tensor_file import read_tensors, write_tensors
from ..io.user_error import BadInput

logger = logging.getLogger(__name__)


def unwrap(network: nn.Module) -> nn.Module:
    """The module inside AveragedModel or DistributedDataParallel, or the network itself."""
    return getattr(network, "module", network)


class Checkpoint:
    """At STARTED loads `path` if it is there; writes it at the start, every `interval` iterations and after epochs.

    It holds the state of every object, the trainer's iteration and the scale of its gradients. Draws follow from seed
    and iteration, so no random state is in it. It is written after all other handlers of its iteration, at the end of
    an epoch after validation: a run that was killed at any moment redoes the iterations since, validation included, and
    ends as it would have. MONAI's CheckpointSaver cannot serve: the trainer that it has to save is built from its
    handlers.

    Args:
        path: the file.
        objects: whatever has `state_dict` and `load_state_dict`, by name.
        evaluator: its best metric is kept too: a resumed run does not replace a better model by its first one.
        interval: iterations between two checkpoints within an epoch.

    Raises:
        ValueError: at STARTED, when the checkpoint is damaged or of another configuration.
        FloatingPointError: weights are not finite; the last checkpoint, which it names, is left as it was.
        OSError: it cannot be written; the last checkpoint is left as it was.
    """

    def __init__(self, path: str, objects: dict[str, Any], evaluator: Engine, interval: int) -> None:
        self.path = Path(path)
        self.objects = objects
        self.evaluator = evaluator
        self.interval = interval

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.load)
        engine.add_event_handler(Events.EXCEPTION_RAISED, self.explain)
        if idist.get_rank() == 0:  # one process writes for all
            engine.add_event_handler(Events.STARTED, self.write_last)

    def write_last(self, engine: Engine) -> None:
        """Ignite calls what is added last after all others; by now these have been added."""
        if engine.has_event_handler(self.write):
            return
        engine.add_event_handler(Events.EPOCH_STARTED(event_filter=self.is_first), self.write)
        within_epoch = Events.ITERATION_COMPLETED(event_filter=self.is_due)
        engine.add_event_handler(within_epoch | Events.EPOCH_COMPLETED | Events.TERMINATE, self.write)
        engine.add_event_handler(Events.TERMINATE, self.say_how_to_go_on)

    def is_first(self, engine: Engine, epoch: int) -> bool:
        """Before the first iteration: where this run has left a best model, it has left a checkpoint too."""
        return not self.path.is_file()

    def is_due(self, engine: Engine, iteration: int) -> bool:
        """Not at the end of an epoch, whose validation is still to come."""
        return iteration % self.interval == 0 and iteration % engine.state.epoch_length != 0

    def load(self, engine: Engine) -> None:
        if not self.path.is_file():
            return
        content = read_tensors(self.path, engine.state.device)
        max_epochs = engine.state.max_epochs
        try:
            if content["trainer"]["epoch_length"] != engine.state.epoch_length:
                raise ValueError(f"it has {content['trainer']['epoch_length']} iterations per epoch")
            for name, item in self.objects.items():
                _restore(item, content[name])
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise BadInput(
                f"{self.path}: this checkpoint is of a run with other settings ({error}). Give the settings of that "
                "run, or another output_dir, or move the file away to start anew."
            ) from error
        scaler = getattr(engine, "scaler", None)
        if scaler is not None and "scaler" in content:  # not in that of a run on a processor
            scaler.load_state_dict(content["scaler"])
        self.evaluator.state.best_metric, self.evaluator.state.best_metric_epoch = content["best_metric"]
        engine.load_state_dict(content["trainer"])
        engine.state.max_epochs = max_epochs  # more epochs than the interrupted run had are welcome
        logger.info("%s: going on after iteration %d", self.path, engine.state.iteration)

    def write(self, engine: Engine) -> None:
        scaler = getattr(engine, "scaler", None)  # of the gradients in float16
        objects = self.objects if scaler is None else {**self.objects, "scaler": scaler}
        content = {name: item.state_dict() for name, item in objects.items()}
        if broken := [name for name, state in content.items() if not all(map(_finite, _tensors(state)))]:
            raise FloatingPointError(f"{', '.join(broken)}: not finite after iteration {engine.state.iteration}.")
        best = (float(self.evaluator.state.best_metric), self.evaluator.state.best_metric_epoch)
        write_tensors({**content, "trainer": dict(engine.state_dict()), "best_metric": best}, self.path)

    def say_how_to_go_on(self, engine: Engine) -> None:
        logger.warning(
            "interrupted after iteration %d; %s is written: the same command goes on from it",
            engine.state.iteration,
            self.path,
        )

    def explain(self, engine: Engine, error: BaseException) -> None:
        """Name the last good checkpoint where numbers went wrong; ignite leaves the raising to this handler."""
        if not isinstance(error, FloatingPointError) or str(self.path) in str(error) or not self.path.is_file():
            raise error
        iteration = read_tensors(self.path)["trainer"]["iteration"]
        raise FloatingPointError(
            f"{error} The last good checkpoint is {self.path}, after iteration {iteration}: the same command with a "
            "lower learning_rate goes on from it."
        ) from error


def _restore(item: Any, state: dict[str, Any]) -> None:
    """Load a state; of an optimizer all but the learning rate, which is the command's."""
    rates = [group["lr"] for group in item.param_groups] if isinstance(item, Optimizer) else []
    item.load_state_dict(state)
    for group, rate in zip(item.param_groups if rates else [], rates):
        group["lr"] = rate


def _tensors(state: Any) -> Iterator[torch.Tensor]:
    """All tensors in a state dict, however nested."""
    if isinstance(state, torch.Tensor):
        yield state
    elif isinstance(state, dict):
        for item in state.values():
            yield from _tensors(item)


def _finite(tensor: torch.Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())
