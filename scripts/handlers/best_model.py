"""Keeps the best network so far on disk and, for Reliability-Refinement, in memory as f' (III-E)."""

from __future__ import annotations

from pathlib import Path

from ignite.engine import Engine, Events
from torch import nn

from ..io.tensor_file import write_tensors
from .checkpoint import unwrap


class BestModel:
    """Attached to the evaluator: keeps the validated network whenever its key metric is the best so far.

    Args:
        network: what is validated, perhaps inside AveragedModel or DistributedDataParallel.
        path: file of its plain state dict.
        best: network of the same state dict that receives the weights too.
        save: False where another process of a distributed run saves.
    """

    def __init__(self, network: nn.Module, path: str, best: nn.Module | None = None, save: bool = True) -> None:
        self.network = network
        self.path = Path(path)
        self.best = best
        self.save = save

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.COMPLETED, self.keep)

    def keep(self, engine: Engine) -> None:
        if engine.state.best_metric_epoch == engine.state.epoch:
            weights = unwrap(self.network).state_dict()
            if self.best is not None:
                self.best.load_state_dict(weights)
            if self.save:
                write_tensors(weights, self.path)
