"""Keeps the best network so far on disk and, for Reliability-Refinement, in memory as f' (III-E)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine, Events
from torch import nn

from ..io.tensor_file import write_tensors
from ..io.weights_needs import write_needs
from .checkpoint import unwrap


class BestModel:
    """Attached to the evaluator: keeps the validated network whenever its key metric is the best so far.

    Args:
        network: what is validated, perhaps inside AveragedModel or DistributedDataParallel.
        path: file of its plain state dict.
        best: network of the same state dict that receives the weights too.
        needs: settings that belong to the weights, noted beside them.
    """

    def __init__(
        self, network: nn.Module, path: str, best: nn.Module | None = None, needs: dict[str, Any] | None = None
    ) -> None:
        self.network = network
        self.path = Path(path)
        self.best = best
        self.needs = needs

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.COMPLETED, self.keep)

    def keep(self, engine: Engine) -> None:
        if engine.state.best_metric_epoch == engine.state.epoch:
            weights = unwrap(self.network).state_dict()
            if self.best is not None:
                self.best.load_state_dict(weights)
            if idist.get_rank() == 0:  # one process writes for all
                if self.needs is not None:
                    write_needs(self.path, self.needs)
                write_tensors(weights, self.path)
