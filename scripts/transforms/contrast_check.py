"""Whether a scan shows arteries as time-of-flight MRA does: few voxels, far brighter than the brain around them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.transforms import MapTransform

from ..io.scan_warnings import UNLIKE_TOF, add_warning

COARSE = 1.2  # mm; averaging over it takes noise away and leaves the large arteries
FEW, MANY = 99.99, 90.0  # percentiles of the brain: in the arteries; above most tissue
# of the distances of FEW and MANY from the median. On simulated TOF-MRA, of twice the noise and 0.6 of the contrast, of
# any gamma, slab and mask, at least 3.4; on T1, T2, phase images and CT, whose bright voxels are many, at most 3.2
STANDING_OUT = 3.3
LEAST = 20.0  # ml; a smaller field of view may be full of artery
AIR, SOFT_TISSUE = (-1100.0, -900.0), (0.0, 100.0)  # Hounsfield units
AIR_SHARE = 0.02  # of the field of view


class CheckContrastd(MapTransform):
    """Warn of an `image` (1, D, H, W) that does not look like TOF-MRA within its `brain_mask`.

    The network would find vessels in it, and nothing in the result would show that they are none. The scan is not
    refused: the signs are statistical. Where the contrast is that of vessels, as in CT angiography within a given mask,
    only Hounsfield units give it away. Without a mask (`mask_source` "none") fat may be as bright as arteries.

    Example:
        >>> image = MetaTensor(torch.linspace(0, 1, 40**3).reshape(1, 40, 40, 40))
        >>> brain = MetaTensor(torch.ones(1, 40, 40, 40))
        >>> case = CheckContrastd()({"image": image, "brain_mask": brain, "mask_source": "user"})
        >>> case["image"].meta["scan_warnings"]
        'does not look like TOF-MRA: no few voxels of the brain are far brighter than the others'
    """

    def __init__(self) -> None:
        super().__init__("image")

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        image, mask = d["image"], d["brain_mask"]
        brain = mask[0].numpy() > 0  # (D, H, W)
        if is_hounsfield(image[0].numpy(), brain):
            add_warning(image, f"{UNLIKE_TOF} but like CT: its values are Hounsfield units")
        elif d["mask_source"] != "none" and standing_out(image[0].numpy(), brain, image.pixdim.tolist()) < STANDING_OUT:
            add_warning(image, f"{UNLIKE_TOF}: no few voxels of the brain are far brighter than the others")
        return d


def standing_out(image: np.ndarray, brain: np.ndarray, spacing: Sequence[float]) -> float:
    """How far the brightest few of the brain lie above its median, relative to its tenth that is brightest.

    Args:
        image, brain: (D, H, W).
        spacing: mm.

    Returns:
        at least 0; infinite where the brain mask is too small to tell, or most of it is of one value.
    """
    if brain.sum() * np.prod(spacing) / 1000 < LEAST:
        return float("inf")
    tissue = coarse_tissue(image, brain, spacing)
    median, many, few = np.percentile(tissue, [50, MANY, FEW]) if tissue.size else (0.0, 0.0, 1.0)
    return float((few - median) / (many - median)) if many > median else float("inf")


def coarse_tissue(image: np.ndarray, brain: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Values of the brain, (voxels,), averaged over COARSE: without most of the noise.

    Args:
        image, brain: (D, H, W).
        spacing: mm.
    """
    shape = [max(1, round(side * mm / max(mm, COARSE))) for side, mm in zip(image.shape, spacing)]
    means, shares = (_averaged(volume, shape) for volume in (image, brain))  # (d, h, w) each
    return means[shares > 0.5]


def _averaged(volume: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    tensor = torch.from_numpy(np.asarray(volume, dtype=np.float32))[None, None]  # (1, 1, D, H, W)
    return torch.nn.functional.interpolate(tensor, size=list(shape), mode="area")[0, 0].numpy()


def is_hounsfield(image: np.ndarray, brain: np.ndarray) -> bool:
    """Whether a scan (D, H, W) holds air and, in its brain, soft tissue in Hounsfield units.

    Air is measured, hence noisy: a background that a tool has set to -1000 is none.
    """
    if image.min() > AIR[1]:
        return False
    air = image[(image > AIR[0]) & (image < AIR[1])]
    noisy = air.size > AIR_SHARE * image.size and np.unique(air[:: max(1, air.size // 10_000)]).size > 3
    return bool(noisy and brain.any() and SOFT_TISSUE[0] < np.median(image[brain]) < SOFT_TISSUE[1])
