"""The labelled crops of one iteration of supervised training, a pure function of seed and iteration."""

from __future__ import annotations

from typing import Any

import numpy as np
from monai.transforms import Compose
from torch import Tensor
from torch.utils.data import Dataset

from .brain_crops import augment_brain
from .iteration_dataset import IterationDataset


class LabelledCropDataset(IterationDataset):
    """Crops with their vessels, of cases with `image` and `label`.

    An item holds, for B crops of side S (in a distributed run, for this process's share of them), `image` and `label`
    (B, 1, S, S, S): crops with augmented intensities, as the 3D-SLD stages see them, and their vessels, 0 or 1.

    Args:
        volumes, crop_size, augment: see `IterationDataset`.
        crops: B, over all processes.
        **shared: `iterations`, `seed`, `rank`, `world_size` of `IterationDataset`.
    """

    unit = "crops"
    stream = 3

    def __init__(self, volumes: Dataset, crop_size: int, augment: Compose, crops: int = 12, **shared: Any) -> None:
        super().__init__(volumes, crop_size, augment, crops, **shared)

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        crop = self.crops.draw_items(rng, ["image", "label"])  # (1, S, S, S) each
        image = augment_brain(crop["image"], self.augment, rng)
        return {"image": image[None], "label": crop["label"].float()[None]}
