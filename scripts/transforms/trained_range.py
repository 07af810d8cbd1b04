"""Whether a scan is like those that the weights were trained on: voxels, field of view, noise, contrast."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from monai.data import MetaTensor
from monai.data.utils import affine_to_spacing
from monai.transforms import MapTransform

from ..io.scan_warnings import add_warning
from ..io.weights_needs import read_needs
from .contrast_check import FEW, LEAST, coarse_tissue
from .normalisation import MAD_TO_SIGMA

ENOUGH = 300.0  # ml of brain; a smaller part of a head may hold no large artery
WORDS = {
    "voxel_size": "voxels of {:.2f} mm",
    "field_of_view": "a field of view of {:.0f} mm",
    "noise": "noise of {:.2f} of the tissue's signal",
    "contrast": "arteries {:.2f} of the tissue's signal above it",
}


class CheckTrainedRanged(MapTransform):
    """Warn of an `image` (1, D, H, W) that no scan of a training was like, with what was measured and trained.

    It comes after resampling, since noise counts as the network sees it, and before normalisation. Noise and contrast
    are those of the brain; without a mask (`mask_source` "none") they are not measured.

    Args:
        ranges: least and greatest value of what `measures` returns, or of some of it; None is no limit.

    Example:
        >>> image, brain = MetaTensor(torch.rand(1, 40, 40, 40)), MetaTensor(torch.ones(1, 40, 40, 40))
        >>> case = {"image": image, "brain_mask": brain, "mask_source": "user"}
        >>> CheckTrainedRanged({"voxel_size": (None, 0.8)})(case)["image"].meta["scan_warnings"]
        'unlike the scans of the training: voxels of 1.00 mm (up to 0.8)'
    """

    def __init__(self, ranges: Mapping[str, Sequence[float | None]]) -> None:
        super().__init__("image")
        self.ranges = dict(ranges)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        image = d["image"]
        brain = None if d["mask_source"] == "none" else d["brain_mask"][0].numpy() > 0  # (D, H, W)
        for name, value in measures(image, brain).items():
            low, high = self.ranges.get(name, (None, None))
            if (low is not None and value < low) or (high is not None and value > high):
                trained = (
                    f"from {low:g}" if high is None else f"up to {high:g}" if low is None else f"{low:g} to {high:g}"
                )
                add_warning(image, f"unlike the scans of the training: {WORDS[name].format(value)} ({trained})")
        return d


def trained_range(weights: str) -> dict[str, list[float | None]]:
    """The range of the scans that weights were trained on, as it is noted beside them; empty where it is not.

    It is known of the shipped weights alone: `scripts.benchmark.trained_range` measures it.
    """
    return dict(read_needs(weights).get("trained_range", {}))


def measures(image: MetaTensor, brain: np.ndarray | None) -> dict[str, float]:
    """What is compared with a training.

    Args:
        image: (1, D, H, W).
        brain: bool, (D, H, W); None leaves out noise and contrast.

    Returns:
        `voxel_size`, the largest side, and `field_of_view`, the smallest, of the scan as it was read, mm; `noise` and
        `contrast` (see there) over the median of the brain, unless that is not positive or the brain too small.
    """
    sides = np.asarray(affine_to_spacing(image.meta.get("original_affine", image.affine)))  # (3,) mm
    shape = np.asarray(image.meta.get("spatial_shape", image.shape[1:]))[:3]
    found = {"voxel_size": round(float(sides.max()), 3), "field_of_view": round(float((shape * sides).min()), 3)}
    scan, spacing = image[0].numpy(), image.pixdim.tolist()  # (D, H, W)
    volume = 0.0 if brain is None else brain.sum() * np.prod(spacing) / 1000  # ml
    if brain is not None and volume > LEAST and (median := float(np.median(scan[brain]))) > 0:
        found["noise"] = noise(scan, brain) / median
        if volume > ENOUGH:
            found["contrast"] = contrast(scan, brain, spacing) / median
    return found


def noise(scan: np.ndarray, brain: np.ndarray) -> float:
    """Standard deviation of the noise in the brain, by the differences of neighbours: their median hardly knows edges.

    Args:
        scan, brain: (D, H, W).
    """
    found = []
    for axis in range(3):
        lines, within = np.moveaxis(scan, axis, 0), np.moveaxis(brain, axis, 0)
        lines, within = lines[:, ::2, ::2], within[:, ::2, ::2]  # enough of them
        both = within[1:] & within[:-1]
        found.append(MAD_TO_SIGMA * np.median(np.abs(lines[1:][both] - lines[:-1][both])) / np.sqrt(2))
    return float(np.mean(found))


def contrast(scan: np.ndarray, brain: np.ndarray, spacing: Sequence[float]) -> float:
    """How far the large arteries, which are the brightest few of the brain, lie above its median.

    Args:
        scan, brain: (D, H, W).
        spacing: mm.
    """
    tissue = coarse_tissue(scan, brain, spacing)
    return float(np.percentile(tissue, FEW) - np.median(tissue))
