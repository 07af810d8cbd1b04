"""The reference masks of one iteration, made by Crop-and-Overlap from a folder of 2D vessel masks."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..io.masks_2d import load_masks_2d
from ..io.user_error import BadInput
from .crop_and_overlap import CropAndOverlap


class ReferenceMasks:
    """`count` reference masks r' per iteration.

    Args:
        masks_dir: folder of 2D vessel masks of any organ; one mask is enough.
        crop_and_overlap: draws one r' from the masks.
        count: references per iteration, over all processes of a distributed run.
        limit: use only the first `limit` masks (the paper's experiments with one mask); None uses all.
    """

    def __init__(
        self, masks_dir: str, crop_and_overlap: CropAndOverlap, count: int = 24, limit: int | None = None
    ) -> None:
        self.masks = load_masks_2d(masks_dir)[:limit]
        self.crop_and_overlap = crop_and_overlap
        self.count = count

    def draw(self, rng: np.random.Generator) -> Tensor:
        """One r', (1, side, side), in [0, 1]."""
        return self.crop_and_overlap(self.masks, rng)

    def draw_share(self, seed: tuple[int, ...], rank: int = 0, world_size: int = 1) -> Tensor:
        """This process's share of one iteration's references, (count / world_size, 1, side, side)."""
        if self.count % world_size:
            raise BadInput(f"references per iteration ({self.count}) must be divisible by {world_size} processes.")
        slots = range(rank, self.count, world_size)
        return torch.stack([self.draw(np.random.default_rng([*seed, slot])) for slot in slots])
