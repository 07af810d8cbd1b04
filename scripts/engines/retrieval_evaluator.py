"""Validation of stage 1: do the patches of two views find each other?"""

from __future__ import annotations

from typing import Any

import torch
from monai.engines import SupervisedEvaluator
from monai.engines.utils import IterationEvents
from torch import Tensor

from ..losses.patch_discrimination import flatten_patches
from .view_batch import network_input, patch_pairs


def retrieval_accuracy(first: Tensor, second: Tensor) -> float:
    """Share of the patches `first` (B, K, g, g, g) whose most similar patch of `second` is their counterpart."""
    similarity = flatten_patches(first) @ flatten_patches(second).T  # (B g^3, B g^3)
    found = similarity.argmax(dim=1) == torch.arange(len(similarity), device=similarity.device)
    return float(found.float().mean())


class RetrievalEvaluator(SupervisedEvaluator):
    """Runs on items of ViewDataset; `engine.state.output` holds `retrieval`, the accuracy on one item."""

    def _iteration(self, engine: SupervisedEvaluator, batchdata: dict[str, Tensor]) -> dict[str, Any]:
        batch = {key: value.to(engine.state.device) for key, value in batchdata.items()}
        with torch.no_grad(), engine.mode(engine.network), torch.autocast(engine.state.device.type, enabled=engine.amp):
            embedding, _ = engine.inferer(network_input(batch), engine.network)
        pairs = patch_pairs(embedding, batch)
        engine.state.output = {"retrieval": retrieval_accuracy(pairs.first, pairs.second)}
        engine.fire_event(IterationEvents.MODEL_COMPLETED)
        return engine.state.output
