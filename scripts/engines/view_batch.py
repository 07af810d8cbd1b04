"""From an item of ViewDataset to the network's input, and from its output back to pairs of patches."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..losses.patch_discrimination import mixup_targets, patch_embeddings
from ..networks.orientation import ORIENTATIONS, apply, invert


class PatchPairs(NamedTuple):
    """Patch embeddings (., K, 4, 4, 4) that are each other's positives, cell by cell."""

    first: Tensor  # (B, K, 4, 4, 4)
    second: Tensor  # (B, K, 4, 4, 4), orientation undone
    mixup: Tensor  # (B, K, 4, 4, 4)
    target: Tensor  # (B, K, 4, 4, 4), without gradient


def turn(images: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """Apply the orientations of the second views to images (B, 1, S, S, S), one each."""
    drawn = batch["orientation"].tolist()
    return torch.stack([apply(image, ORIENTATIONS[index]) for image, index in zip(images, drawn)])


def network_input(batch: dict[str, Tensor]) -> Tensor:
    """First views, oriented second views, mixup images of first and of second views: (3 B, 1, S, S, S).

    The mixup images are made before any orientation is applied, so that their cells are those of both parents.
    """
    mixed = [
        weight * batch[key][0::2] + (1 - weight) * batch[key][1::2]  # (B / 2, 1, S, S, S)
        for key, weight in zip(("first", "second"), batch["mixup_weight"].T.reshape(2, -1, 1, 1, 1, 1))
    ]
    return torch.cat([batch["first"], turn(batch["second"], batch), *mixed])


def patch_pairs(embedding: Tensor, batch: dict[str, Tensor]) -> PatchPairs:
    """Embeddings (3 B, K, S, S, S) of `network_input(batch)` -> pairs of patches."""
    patches = patch_embeddings(embedding)  # (3 B, K, 4, 4, 4)
    first, second, mixup = patches.split(len(batch["first"]))
    second = torch.stack([invert(p, ORIENTATIONS[i]) for p, i in zip(second, batch["orientation"].tolist())])
    targets = [
        mixup_targets(view[0::2], view[1::2], weight) for view, weight in zip((first, second), batch["mixup_weight"].T)
    ]
    return PatchPairs(first, second, mixup, torch.cat(targets))
