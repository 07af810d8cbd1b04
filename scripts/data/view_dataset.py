"""The crops, views and draws of one training iteration, a pure function of seed and iteration."""

from __future__ import annotations

import numpy as np
import torch
from monai.transforms import Compose
from torch import Tensor
from torch.utils.data import Dataset

from ..networks.orientation import ORIENTATIONS
from .brain_crops import BrainCrops, augment_brain
from .reference_masks import ReferenceMasks

CROPS_PER_BATCH = 2  # two crops, two views each and two mixup images make one of the paper's batches
MIXUP_RANGE = (0.2, 0.8)


class ViewDataset(Dataset):
    """Item i is all that iteration i + 1 needs, drawn from (seed, i) whatever the number of loader workers.

    An item holds, for B = `batches` x 2 crops of side S (in a distributed run, for this process's share of them):
    `crop`: the crops (B, 1, S, S, S) as they are;
    `first`, `second`: the two views (B, 1, S, S, S), differing by intensity augmentation, not yet oriented;
    `orientation` (B,): index into ORIENTATIONS, to be applied to the second view;
    `mixup_weight` (B / 2, 2): l of the mixup images of the first and of the second views of crops 2b, 2b + 1;
    `reference` (R, 1, S, S): reference masks, where there are `references`.

    Args:
        volumes: preprocessed cases (a CacheDataset), see `BrainCrops`.
        crop_size: S, voxels.
        augment: MONAI transform of the intensities of one view (1, S, S, S); what is 0 (no brain) stays 0.
        batches: the paper's batches per iteration.
        iterations: length of the data set.
        seed: of every draw.
        references: reference masks of stage 2.
        rank, world_size: of a distributed run.
    """

    def __init__(
        self,
        volumes: Dataset,
        crop_size: int,
        augment: Compose,
        batches: int = 3,
        iterations: int = 20000,
        seed: int = 0,
        references: ReferenceMasks | None = None,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        if batches % world_size:
            raise ValueError(f"batches per iteration ({batches}) must be divisible by {world_size} processes.")
        self.crops = BrainCrops(volumes, crop_size)
        self.augment = augment
        self.batches = range(rank, batches, world_size)
        self.iterations = iterations
        self.seed = seed
        self.references = references
        self.rank, self.world_size = rank, world_size

    def __len__(self) -> int:
        return self.iterations

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        parts = [self._batch(np.random.default_rng([self.seed, index, 0, batch])) for batch in self.batches]
        item = {key: torch.cat([part[key] for part in parts]) for key in parts[0]}
        if self.references is not None:
            item["reference"] = self.references.draw_share((self.seed, index, 1), self.rank, self.world_size)
        return item

    def _batch(self, rng: np.random.Generator) -> dict[str, Tensor]:
        crops = [self.crops.draw(rng) for _ in range(CROPS_PER_BATCH)]  # (1, S, S, S) each
        return {
            "crop": torch.stack(crops),
            "first": torch.stack([augment_brain(crop, self.augment, rng) for crop in crops]),
            "second": torch.stack([augment_brain(crop, self.augment, rng) for crop in crops]),
            "orientation": torch.from_numpy(rng.integers(len(ORIENTATIONS), size=CROPS_PER_BATCH)),
            "mixup_weight": torch.from_numpy(rng.uniform(*MIXUP_RANGE, size=(1, 2)).astype(np.float32)),
        }
