"""The crops and draws of one iteration of Reliability-Refinement, a pure function of seed and iteration."""

from __future__ import annotations

import numpy as np
import torch
from monai.transforms import Compose
from torch import Tensor
from torch.utils.data import Dataset

from ..networks.orientation import ORIENTATIONS
from .brain_crops import BrainCrops, augment_brain


class CropDataset(Dataset):
    """Item i is all that iteration i + 1 needs, drawn from (seed, i) whatever the number of loader workers.

    An item holds, for B crops of side S (in a distributed run, for this process's share of them):
    `image` (B, 1, S, S, S): the crops, to be labelled by the best network;
    `view` (B, 1, S, S, S): the same with augmented intensities, to be learnt from;
    `orientation` (B, N_e): indices into ORIENTATIONS, the augmented versions of Eq. 13, no one twice.

    Args:
        volumes, crop_size: see `BrainCrops`.
        augment: MONAI transform of the intensities of a crop (1, S, S, S); what is 0 (no brain) stays 0.
        crops: B, over all processes.
        versions: N_e, augmented versions averaged to a pseudo label; at most 48.
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
        versions: int = 8,
        iterations: int = 12000,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        if crops % world_size:
            raise ValueError(f"crops per iteration ({crops}) must be divisible by {world_size} processes.")
        if not 1 <= versions <= len(ORIENTATIONS):
            raise ValueError(f"versions must lie in 1..{len(ORIENTATIONS)}, got {versions}.")
        self.crops = BrainCrops(volumes, crop_size)
        self.augment = augment
        self.slots = range(rank, crops, world_size)
        self.versions = versions
        self.iterations = iterations
        self.seed = seed

    def __len__(self) -> int:
        return self.iterations

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        images, views, orientations = [], [], []
        for slot in self.slots:
            rng = np.random.default_rng([self.seed, index, 2, slot])
            crop = self.crops.draw(rng)  # (1, S, S, S)
            images.append(crop)
            views.append(augment_brain(crop, self.augment, rng))
            orientations.append(torch.from_numpy(rng.permutation(len(ORIENTATIONS))[: self.versions]))
        return {"image": torch.stack(images), "view": torch.stack(views), "orientation": torch.stack(orientations)}
