"""The threshold of an unscaled response, chosen on validation cases."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from ignite.engine import Engine, Events
from torch import Tensor

from ..io.user_error import BadInput
from ..metrics.score_files import aligned

logger = logging.getLogger(__name__)


def best_threshold(
    responses: Sequence[Tensor], labels: Sequence[Tensor], clean: Callable[[Tensor], Tensor]
) -> tuple[float, float]:
    """Threshold t of the highest DSC of `clean(response >= t)` with the label, and that DSC, the cases' voxels pooled.

    33 thresholds are tried: the number of voxels that reach them goes from 1/4 to 4 times the number of true ones, in
    steps of 9 %.

    Args:
        responses: of each case, (1, D, H, W).
        labels: of each case, (1, D, H, W), not 0 in vessels.
        clean: what follows the threshold: a mask (1, D, H, W), uint8, to one of the same shape.

    Raises:
        ValueError: the label is empty.
    """
    true = sum(int(label.count_nonzero()) for label in labels)
    if not true:
        raise BadInput("no threshold can be chosen: the label of the validation split is empty.")
    highest = np.sort(np.concatenate([response.numpy().ravel() for response in responses]))[::-1]
    reached_by = np.geomspace(true / 4, 4 * true, 33).round().clip(1, len(highest)).astype(int)  # voxels
    best, best_dsc = 0.0, -1.0
    for threshold in np.unique(highest[reached_by - 1]).tolist():
        masks = [clean((response >= threshold).to(torch.uint8)) for response in responses]
        hits = sum(int(((mask > 0) & (label > 0)).sum()) for mask, label in zip(masks, labels))
        dsc = 2 * hits / (sum(int(mask.count_nonzero()) for mask in masks) + true)
        if dsc > best_dsc:
            best, best_dsc = threshold, dsc
    return best, best_dsc


class BestThreshold:
    """Ignite handler of a validating evaluator: its `value`, set at COMPLETED, is the threshold of the highest DSC.

    All cases share one threshold. It reads `pred`, the response on the scan's grid, from the output and `label`, the
    label's path, from the batch, after a postprocessing without a threshold.

    Args:
        clean: dictionary transform of `pred` that follows the threshold.
        split: the cases' name in the log.
    """

    def __init__(self, clean: Callable[[Mapping], Mapping], split: str) -> None:
        self.clean = clean
        self.split = split
        self.value: float | None = None
        self.responses: list[Tensor] = []
        self.labels: list[Tensor] = []

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.clear)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.collect)
        engine.add_event_handler(Events.COMPLETED, self.choose)

    def clear(self, engine: Engine) -> None:
        self.responses, self.labels = [], []

    def collect(self, engine: Engine) -> None:
        for batch, output in zip(engine.state.batch, engine.state.output):
            response, label = aligned(output["pred"], batch["label"])  # (1, D, H, W) each
            self.responses.append(response)
            self.labels.append(label)

    def choose(self, engine: Engine) -> None:
        def clean(mask: Tensor) -> Tensor:
            return self.clean({"pred": mask})["pred"]

        self.value, dsc = best_threshold(self.responses, self.labels, clean)
        logger.info("threshold %.4g chosen on %s, DSC %.3f there", self.value, self.split, dsc)
