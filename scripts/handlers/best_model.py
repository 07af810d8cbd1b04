"""Keeps the best network so far on disk and, for Reliability-Refinement, in memory as f' (III-E)."""

from __future__ import annotations

from pathlib import Path

import ignite.distributed as idist
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
    """

    def __init__(self, network: nn.Module, path: str, best: nn.Module | None = None) -> None:
        self.network = network
        self.path = Path(path)
        self.best = best

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.COMPLETED, self.keep)

    def keep(self, engine: Engine) -> None:
        if engine.state.best_metric_epoch == engine.state.epoch:
            weights = unwrap(self.network).state_dict()
            if self.best is not None:
                self.best.load_state_dict(weights)
            if idist.get_rank() == 0:  # one process writes for all
                write_tensors(weights, self.path)
