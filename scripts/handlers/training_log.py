"""What a training says while it runs: log lines, curves and a progress bar, all from the first process."""

from __future__ import annotations

from importlib.util import find_spec
from operator import itemgetter
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine
from ignite.handlers import ProgressBar
from monai.handlers import StatsHandler, TensorBoardStatsHandler

INTERVAL = 10  # iterations between two lines of the log


class TrainingLog:
    """Attached to a trainer: every term of the loss, as a line every ten iterations and as a curve, and a progress bar.

    Args:
        stage: what the lines and the bar are called.
        folder: of TensorBoard's files; without TensorBoard there are none.
    """

    def __init__(self, stage: str, folder: str) -> None:
        self.stage = stage
        self.folder = folder

    def attach(self, engine: Engine) -> None:
        if idist.get_rank() > 0:
            return
        terms = itemgetter("terms")
        StatsHandler(name=self.stage, iteration_log=_is_due, output_transform=terms).attach(engine)
        if find_spec("tensorboard") is not None:
            TensorBoardStatsHandler(log_dir=self.folder, output_transform=terms).attach(engine)
        ProgressBar(desc=self.stage).attach(engine)


class ValidationLog:
    """Attached to an evaluator: its metrics, as a line after every validation and as a curve.

    Args:
        folder: of TensorBoard's files; without TensorBoard there are none.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def attach(self, engine: Engine) -> None:
        if idist.get_rank() > 0:
            return
        StatsHandler(name="validation", iteration_log=False).attach(engine)
        if find_spec("tensorboard") is not None:
            TensorBoardStatsHandler(log_dir=self.folder, iteration_log=False).attach(engine)


def _is_due(engine: Engine, iteration: Any) -> bool:
    return bool(iteration % INTERVAL == 0)
