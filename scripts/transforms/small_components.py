"""Small components of a mask are noise rather than artery."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform
from skimage.measure import label

from ..vessels.bounding_box import bounding_box

ROUNDING = 1e-5  # of a voxel's volume; headers hold its sides in single precision


class RemoveSmallComponentsd(MapTransform):
    """Take components smaller than a volume out of binary masks; one of exactly that volume stays.

    Voxels that touch at a corner belong together: thin vessels run diagonally. It stands in for MONAI's
    `RemoveSmallObjectsd`, whose limit is kept or removed as the version of scikit-image has it.

    Args:
        keys: masks (1, D, H, W) with their grid (MetaTensor).
        min_volume: mm3.
        connectivity: 1: voxels of a component share faces; 2: or edges; 3: or corners.

    Raises:
        ValueError: a negative volume; in a call, a mask that has no grid, so that no volume is known.

    Example:
        >>> mask = MetaTensor(torch.ones(1, 2, 2, 2), affine=torch.diag(torch.tensor([0.5, 0.5, 0.5, 1.0])))
        >>> [int(RemoveSmallComponentsd("pred", limit)({"pred": mask})["pred"].sum()) for limit in (1.0, 1.1)]
        [8, 0]
    """

    def __init__(self, keys: KeysCollection, min_volume: float, connectivity: int = 3) -> None:
        super().__init__(keys)
        if min_volume < 0:
            raise ValueError(f"min_volume must be at least 0 mm3, got {min_volume}.")
        self.min_volume = min_volume
        self.connectivity = connectivity

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.without_small_components(d[key])
        return d

    def without_small_components(self, mask: MetaTensor) -> torch.Tensor:
        """One mask (1, D, H, W): the same shape."""
        if not isinstance(mask, MetaTensor):
            raise ValueError("a mask without its grid has no volume in mm3; give a MetaTensor.")
        voxel = abs(float(torch.linalg.det(mask.affine[:3, :3].double())))  # mm3
        inside = mask[0].numpy(force=True) > 0  # (D, H, W)
        box = bounding_box(inside)  # labels take four bytes a voxel
        labels = label(inside[box], connectivity=self.connectivity)
        volumes = np.bincount(labels[inside[box]], minlength=1) * voxel  # (components + 1,) mm3, of the background 0
        kept = (volumes >= self.min_volume * (1 - ROUNDING))[labels]
        del inside, labels  # before the copy: here inference needs most memory
        result = mask.clone()
        result[0][box] *= torch.from_numpy(kept).to(mask.device)
        return result
