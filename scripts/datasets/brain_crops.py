"""Random crops that lie in the brain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from monai.transforms import Compose, SpatialCrop, SpatialPad
from monai.utils import convert_to_tensor
from torch import Tensor
from torch.utils.data import Dataset

from ..io.user_error import BadInput

QUICK_DRAWS = 1000  # voxels tried before those of the brain are listed, which takes longer


class BrainCrops:
    """Cubes of `size` voxels a side, centred on a random voxel of the brain as far as the volume's border allows.

    Args:
        volumes: preprocessed cases, a dictionary with `image` (1, D, H, W) each; the brain is where it is not 0.
        size: side of a crop, voxels; a multiple of 16, the network's total stride. Smaller volumes are padded with 0.

    Raises:
        ValueError: the network cannot take the size, there are no volumes, or, when drawing, a volume has no brain.
    """

    def __init__(self, volumes: Dataset | Sequence[dict[str, Any]], size: int) -> None:
        if size < 32 or size % 16:
            raise BadInput(f"crop_size must be a multiple of 16 and at least 32, got {size}.")
        if len(volumes) == 0:  # type: ignore[arg-type]
            raise BadInput("there is no volume to draw crops from.")
        self.volumes = volumes
        self.size = size
        self.pad = SpatialPad([size] * 3)

    def draw(self, rng: np.random.Generator) -> Tensor:
        """One crop (1, size, size, size) of a volume drawn uniformly, a copy."""
        return self.draw_items(rng, ["image"])["image"]

    def draw_items(self, rng: np.random.Generator, keys: Sequence[str]) -> dict[str, Tensor]:
        """The same crop of several items of one case, such as its `image` and its `label`, (1, size, size, size)."""
        case = self.volumes[int(rng.integers(len(self.volumes)))]  # type: ignore[arg-type]
        crop = SpatialCrop(roi_center=self._brain_voxel(case["image"], rng), roi_size=[self.size] * 3)
        return {key: convert_to_tensor(self.pad(crop(case[key])), track_meta=False).clone() for key in keys}

    def _brain_voxel(self, image: Tensor, rng: np.random.Generator) -> list[int]:
        """Centre of a crop: a random brain voxel, moved inwards where the crop would leave the volume."""
        half = self.size // 2
        voxel = _random_brain_voxel(image, rng)
        return [min(max(v, half), max(side - half, half)) for v, side in zip(voxel, image.shape[1:])]


def _random_brain_voxel(image: Tensor, rng: np.random.Generator) -> list[int]:
    """A voxel of (1, D, H, W) that is not 0, drawn uniformly."""
    for _ in range(QUICK_DRAWS):
        voxel = [int(rng.integers(side)) for side in image.shape[1:]]
        if image[0, voxel[0], voxel[1], voxel[2]] != 0:
            return voxel
    brain = torch.nonzero(convert_to_tensor(image[0], track_meta=False))  # (voxels of the brain, 3)
    if len(brain) == 0:
        name = getattr(image, "meta", {}).get("filename_or_obj", "a scan")
        raise BadInput(f"{name}: holds nothing but 0 after preprocessing; look at the scan and its brain mask.")
    return brain[int(rng.integers(len(brain)))].tolist()


def augment_brain(crop: Tensor, augment: Compose, rng: np.random.Generator) -> Tensor:
    """A copy of a crop (1, S, S, S) with augmented intensities; what is 0 (no brain) stays 0."""
    augment.set_random_state(seed=int(rng.integers(2**31)))
    return torch.where(crop == 0, 0.0, convert_to_tensor(augment(crop.clone()), track_meta=False))
