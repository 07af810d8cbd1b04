"""The threshold that validation chooses for an unscaled response."""

from __future__ import annotations

import logging

import numpy as np
from ignite.engine import Engine, Events

from ..metrics.score_files import aligned

logger = logging.getLogger(__name__)


def best_threshold(response: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Threshold t of the highest DSC of `response >= t` with the truth, and that DSC; both arrays (N,).

    All thresholds are tried: voxels are sorted by their response and counted from the top.

    Raises:
        ValueError: the truth is empty.
    """
    if not truth.any():
        raise ValueError("no threshold can be chosen: the truth of the validation split is empty.")
    order = np.argsort(-response, kind="stable")
    values, hits = response[order], np.cumsum(truth[order] > 0)  # (N,) each
    dsc = 2 * hits / (np.arange(1, len(values) + 1) + hits[-1])  # of the mask that ends with this voxel, (N,)
    last = np.append(values[1:] < values[:-1], True)  # voxels of equal response go in together
    best = int(np.argmax(np.where(last, dsc, 0)))
    return float(values[best]), float(dsc[best])


class BestThreshold:
    """Ignite handler of a validating evaluator: its `value`, set at COMPLETED, is the threshold of the highest DSC.

    All cases share one threshold, their voxels pooled. Reads `pred`, the response on the scan's grid, from the output
    and `truth`, the annotation's path, from the batch; both come from postprocessing without a threshold.
    """

    def __init__(self) -> None:
        self.value: float | None = None
        self.responses: list[np.ndarray] = []
        self.truths: list[np.ndarray] = []

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.clear)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.collect)
        engine.add_event_handler(Events.COMPLETED, self.choose)

    def clear(self, engine: Engine) -> None:
        self.responses, self.truths = [], []

    def collect(self, engine: Engine) -> None:
        for batch, output in zip(engine.state.batch, engine.state.output):
            response, truth = aligned(output["pred"], batch["truth"])  # (1, D, H, W) each
            self.responses.append(response.numpy().ravel())
            self.truths.append(truth.numpy().ravel())

    def choose(self, engine: Engine) -> None:
        self.value, dsc = best_threshold(np.concatenate(self.responses), np.concatenate(self.truths))
        logger.info("threshold %.4g chosen on validation, DSC %.3f there", self.value, dsc)
