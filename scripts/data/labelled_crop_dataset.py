"""The labelled crops of one iteration of supervised training, a pure function of seed and iteration."""

from __future__ import annotations

import numpy as np
import torch
from monai.transforms import Compose
from torch import Tensor
from torch.utils.data import Dataset

from .brain_crops import BrainCrops, augment_brain


class LabelledCropDataset(Dataset):
    """Item i is all that iteration i + 1 needs, drawn from (seed, i) whatever the number of loader workers.

    An item holds, for B crops of side S (in a distributed run, for this process's share of them), `image` and `label`
    (B, 1, S, S, S): crops with augmented intensities, as the 3D-SLD stages see them, and their vessels, 0 or 1.

    Args:
        volumes: preprocessed cases with `image` and `label`, see `BrainCrops`.
        crop_size: S, voxels.
        augment: MONAI transform of the intensities of a crop (1, S, S, S); what is 0 (no brain) stays 0.
        crops: B, over all processes.
        iterations: length of the data set.
        seed: of every draw.
        rank, world_size: of a distributed run.
    """

    def __init__(
        self,
        volumes: Dataset,
        crop_size: int,
        augment: Compose,
        crops: int = 12,
        iterations: int = 20000,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        if crops % world_size:
            raise ValueError(f"crops per iteration ({crops}) must be divisible by {world_size} processes.")
        self.crops = BrainCrops(volumes, crop_size)
        self.augment = augment
        self.slots = range(rank, crops, world_size)
        self.iterations = iterations
        self.seed = seed

    def __len__(self) -> int:
        return self.iterations

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        images, labels = [], []
        for slot in self.slots:
            rng = np.random.default_rng([self.seed, index, 3, slot])
            crop = self.crops.draw_items(rng, ["image", "label"])  # (1, S, S, S) each
            images.append(augment_brain(crop["image"], self.augment, rng))
            labels.append(crop["label"].float())
        return {"image": torch.stack(images), "label": torch.stack(labels)}
