"""Two data sets side by side, so that what one teaches is not forgotten over the other."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.data import Dataset


class ReplayDataset(Dataset):
    """Item i holds the crops of item i of both data sets, one behind the other.

    Args:
        new, replayed: data sets of iterations (such as PseudoLabelDataset and HeadCropDataset) with equal keys and
            crops of one size.

    Raises:
        ValueError: they differ in length.
    """

    def __init__(self, new: Dataset, replayed: Dataset) -> None:
        if len(new) != len(replayed):  # type: ignore[arg-type]
            raise ValueError(f"{len(new)} and {len(replayed)} iterations.")  # type: ignore[arg-type]
        self.parts = (new, replayed)

    def __len__(self) -> int:
        return len(self.parts[0])  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        first, second = (part[index] for part in self.parts)
        return {key: torch.cat([first[key], second[key]]) for key in first}
