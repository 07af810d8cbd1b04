"""The crops, views and draws of one training iteration, a pure function of seed and iteration."""

from __future__ import annotations

import logging
import math
from typing import Any

import numpy as np
import torch
from monai.transforms import Compose
from torch import Tensor
from torch.utils.data import Dataset

from ..networks.orientation import ORIENTATIONS
from .brain_crops import augment_brain
from .iteration_dataset import IterationDataset
from .reference_masks import ReferenceMasks
from .synthetic_vessels import SyntheticVessels

logger = logging.getLogger(__name__)

CROPS_PER_BATCH = 2  # two crops, two views each and two mixup images make one of the paper's batches
MIXUP_RANGE = (0.2, 0.8)


class ViewDataset(IterationDataset):
    """Pairs of views of crops, with the draws of mixup and reference masks.

    An item holds, for B = `crop_pairs` x 2 crops of side S (in a distributed run, for this process's share of them):
    `first`, `second`: the two views (B, 1, S, S, S), differing by intensity augmentation, not yet oriented;
    `orientation` (B,): index into ORIENTATIONS, to be applied to the second view;
    `mixup_weight` (B / 2, 2): l of the mixup images of the first and of the second views of crops 2b, 2b + 1;
    `reference` (R, 1, S, S): reference masks, where there are `references`;
    `label`, `label_weight` (B, 1, S, S, S), not oriented, where `synthetic_vessels` are added to the crops.

    Args:
        volumes, crop_size, augment: see `IterationDataset`.
        crop_pairs: the paper's batches per iteration; where processes cannot share them evenly, the next number that
            they can.
        references: reference masks of stage 2.
        synthetic_vessels: adds vessels of known position to the crops.
        rank, world_size: of a distributed run.
        **shared: `iterations`, `seed` of `IterationDataset`.
    """

    unit = "crop_pairs"
    stream = 0

    def __init__(
        self,
        volumes: Dataset,
        crop_size: int,
        augment: Compose,
        crop_pairs: int = 3,
        references: ReferenceMasks | None = None,
        synthetic_vessels: SyntheticVessels | None = None,
        rank: int = 0,
        world_size: int = 1,
        **shared: Any,
    ) -> None:
        draws = math.ceil(crop_pairs / world_size) * world_size
        if draws > crop_pairs and rank == 0:
            logger.info("%d crop_pairs do not divide among %d processes: %d are drawn", crop_pairs, world_size, draws)
        super().__init__(volumes, crop_size, augment, draws, rank=rank, world_size=world_size, **shared)
        self.references = references
        self.synthetic_vessels = synthetic_vessels
        self.rank, self.world_size = rank, world_size

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        item = super().__getitem__(index)
        if self.references is not None:
            item["reference"] = self.references.draw_share((self.seed, index, 1), self.rank, self.world_size)
        return item

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        crops = [self.crops.draw(rng) for _ in range(CROPS_PER_BATCH)]  # (1, S, S, S) each
        targets = {}
        if self.synthetic_vessels is not None:
            crops, labels, weights = (
                list(part) for part in zip(*(self.synthetic_vessels(crop, rng) for crop in crops))
            )
            targets = {"label": torch.stack(labels), "label_weight": torch.stack(weights)}
        return {
            **targets,
            "first": torch.stack([augment_brain(crop, self.augment, rng) for crop in crops]),
            "second": torch.stack([augment_brain(crop, self.augment, rng) for crop in crops]),
            "orientation": torch.from_numpy(rng.integers(len(ORIENTATIONS), size=CROPS_PER_BATCH)),
            "mixup_weight": torch.from_numpy(rng.uniform(*MIXUP_RANGE, size=(1, 2)).astype(np.float32)),
        }
