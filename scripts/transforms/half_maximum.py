"""A vessel ends at half its height."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform
from scipy.ndimage import maximum_filter
from torch import Tensor


class HalfMaximumd(MapTransform):
    """Set a probability to 0 where it is less than half of the highest one near it.

    A network that is unsure where a thin vessel lies spreads its probability over the neighbouring voxels: a low
    threshold then makes thin vessels thick, a high one loses them. This keeps the surest voxels and drops the rest.

    Args:
        keys: probabilities (1, D, H, W) with their grid (MetaTensor).
        reach: mm; how far along each axis the highest one is looked for, at least one voxel.

    Raises:
        ValueError: a reach that is not positive.

    Example:
        >>> probability = MetaTensor(torch.tensor([[[[0.1, 0.3, 0.9]]]]))
        >>> HalfMaximumd("pred", reach=1.0)({"pred": probability})["pred"].flatten() > 0
        metatensor([False, False,  True])
    """

    def __init__(self, keys: KeysCollection, reach: float) -> None:
        super().__init__(keys)
        if reach <= 0:
            raise ValueError(f"reach must be positive, got {reach}.")
        self.reach = reach

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.without_blur(d[key])
        return d

    def without_blur(self, probability: MetaTensor) -> Tensor:
        """One probability (1, D, H, W): the same shape."""
        reach = [max(round(self.reach / side), 1) for side in probability.pixdim.tolist()]  # voxels
        volume = probability[0].float().numpy(force=True)  # (D, H, W); scipy knows no float16
        highest = maximum_filter(volume, size=[2 * voxels + 1 for voxels in reach])
        kept = torch.from_numpy(2 * volume >= highest)[None].to(probability.device)
        return probability * kept
