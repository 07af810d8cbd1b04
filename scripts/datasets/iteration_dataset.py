"""What the data sets of the three stages have in common: an item is an iteration."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import torch
from monai.transforms import Compose
from torch import Tensor
from torch.utils.data import Dataset

from ..io.user_error import BadInput
from .brain_crops import BrainCrops


class IterationDataset(Dataset, ABC):
    """Item i holds all that iteration i + 1 needs, drawn from (seed, i), whatever the number of loader workers.

    An item consists of draws, each from its own generator; the processes of a distributed run share the draws.

    Args:
        volumes: preprocessed cases (a CacheDataset), see `BrainCrops`.
        crop_size: S, voxels.
        augment: MONAI transform of the intensities of one crop (1, S, S, S); voxels of 0 (no brain) stay 0.
        draws: per iteration, over all processes.
        iterations: length of the data set.
        seed: of every draw.
        rank, world_size: of a distributed run.

    Raises:
        ValueError: the processes cannot share the draws evenly; and see `BrainCrops`.
    """

    unit: ClassVar[str]  # what a draw is called
    stream: ClassVar[int]  # keeps the draws of one kind of data set apart from those of others

    def __init__(
        self,
        volumes: Dataset,
        crop_size: int,
        augment: Compose,
        draws: int,
        iterations: int = 20000,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        if draws % world_size:
            raise BadInput(f"{self.unit} per iteration ({draws}) must be divisible by {world_size} processes.")
        self.crops = BrainCrops(volumes, crop_size)
        self.augment = augment
        self.slots = range(rank, draws, world_size)
        self.iterations = iterations
        self.seed = seed

    def __len__(self) -> int:
        return self.iterations

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        parts = [self.draw(np.random.default_rng([self.seed, index, self.stream, slot])) for slot in self.slots]
        return {key: torch.cat([part[key] for part in parts]) for key in parts[0]}

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """One draw: tensors whose first axis is concatenated over the draws."""
