"""From an item of ViewDataset to the network's input, and from its output back to pairs of patches."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..losses.patch_discrimination import mixup_targets, patch_embeddings
from ..networks.orientation import apply_each, invert_each


class PatchPairs(NamedTuple):
    """Pairs of patch embeddings (., K, 4, 4, 4); the same cells of the two are each other's positives."""

    first: Tensor  # (B, K, 4, 4, 4)
    second: Tensor  # (B, K, 4, 4, 4), orientation undone
    mixup: Tensor  # (B, K, 4, 4, 4)
    target: Tensor  # (B, K, 4, 4, 4), without gradient


def network_input(batch: dict[str, Tensor]) -> Tensor:
    """First views, oriented second views, mixup images of first and of second views: (3 B, 1, S, S, S).

    The mixup images are made before any orientation is applied, so that their cells are those of both parents.
    """
    mixed = [
        weight * batch[key][0::2] + (1 - weight) * batch[key][1::2]  # (B / 2, 1, S, S, S)
        for key, weight in zip(("first", "second"), batch["mixup_weight"].T.reshape(2, -1, 1, 1, 1, 1))
    ]
    return torch.cat([batch["first"], apply_each(batch["second"], batch["orientation"]), *mixed])


def patch_pairs(embedding: Tensor, batch: dict[str, Tensor]) -> PatchPairs:
    """Embeddings (3 B, K, S, S, S) of `network_input(batch)` -> pairs of patches."""
    patches = patch_embeddings(embedding)  # (3 B, K, 4, 4, 4)
    first, second, mixup = patches.split(len(batch["first"]))
    second = invert_each(second, batch["orientation"])
    targets = [
        mixup_targets(view[0::2], view[1::2], weight) for view, weight in zip((first, second), batch["mixup_weight"].T)
    ]
    return PatchPairs(first, second, mixup, torch.cat(targets))
