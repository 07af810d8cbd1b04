"""The crops and draws of one iteration of Reliability-Refinement, a pure function of seed and iteration."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from monai.transforms import Compose
from torch import Tensor
from torch.utils.data import Dataset

from ..io.user_error import BadInput
from ..networks.orientation import ORIENTATIONS
from .brain_crops import augment_brain
from .iteration_dataset import IterationDataset


class CropDataset(IterationDataset):
    """Crops with the orientations over which their pseudo labels are averaged.

    An item holds, for B crops of side S (in a distributed run, for this process's share of them):
    `image` (B, 1, S, S, S): the crops, which the best network labels;
    `view` (B, 1, S, S, S): the same with augmented intensities, which the network in training sees;
    `orientation` (B, N_e): indices into ORIENTATIONS, the flips and rotations of Eq. 13, none twice.

    Args:
        volumes, crop_size, augment: see `IterationDataset`.
        crops: B, over all processes.
        orientations: N_e, flips and rotations of a crop that are averaged to its pseudo label; at most 48.
        **shared: `iterations`, `seed`, `rank`, `world_size` of `IterationDataset`.
    """

    unit = "crops"
    stream = 2

    def __init__(
        self, volumes: Dataset, crop_size: int, augment: Compose, crops: int = 12, orientations: int = 8, **shared: Any
    ) -> None:
        super().__init__(volumes, crop_size, augment, crops, **shared)
        if not 1 <= orientations <= len(ORIENTATIONS):
            raise BadInput(f"orientations must lie in 1..{len(ORIENTATIONS)}, got {orientations}.")
        self.orientations = orientations

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        crop = self.crops.draw(rng)  # (1, S, S, S)
        view = augment_brain(crop, self.augment, rng)
        orientation = torch.from_numpy(rng.permutation(len(ORIENTATIONS))[: self.orientations])  # (N_e,)
        return {"image": crop[None], "view": view[None], "orientation": orientation[None]}
