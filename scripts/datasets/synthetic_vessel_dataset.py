"""Crops with synthetic vessels for one iteration of training, a pure function of seed and iteration."""

from __future__ import annotations

from typing import Any

import numpy as np
from monai.transforms import Compose
from torch import Tensor
from torch.utils.data import Dataset

from .brain_crops import augment_brain
from .iteration_dataset import IterationDataset
from .synthetic_vessels import SyntheticVessels


class SyntheticVesselDataset(IterationDataset):
    """Unlabelled crops to which vessels of known position are added.

    An item holds, for B crops of side S (in a distributed run, for this process's share of them), (B, 1, S, S, S) each:
    `image`: crops with vessels, their intensities augmented;
    `label`, `label_weight`: what is known of their voxels, see `datasets.vessel_targets`.

    Args:
        volumes, crop_size, augment: see `IterationDataset`.
        synthetic_vessels: adds the vessels.
        crops: B, over all processes.
        **shared: `iterations`, `seed`, `rank`, `world_size` of `IterationDataset`.
    """

    unit = "crops"
    stream = 4

    def __init__(
        self,
        volumes: Dataset,
        crop_size: int,
        augment: Compose,
        synthetic_vessels: SyntheticVessels,
        crops: int = 12,
        **shared: Any,
    ) -> None:
        super().__init__(volumes, crop_size, augment, crops, **shared)
        self.synthetic_vessels = synthetic_vessels

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        image, label, weight = self.synthetic_vessels(self.crops.draw(rng), rng)  # (1, S, S, S) each
        image = augment_brain(image, self.augment, rng)
        return {"image": image[None], "label": label[None], "label_weight": weight[None]}
