"""Refuse what cannot be segmented, before any long work starts, with words that say what to do."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import product
from typing import Any, cast

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform
from nibabel.affines import apply_affine
from scipy.ndimage import minimum_filter

from ..io.grid import file_of
from ..io.result_names import BRAIN_MASK
from ..io.scan_warnings import add_warning
from ..io.user_error import BadInput

LABELS = 16  # values that a label map may hold: 13 parts of the circle of Willis, and some
SAMPLE = 100_000  # voxels that tell whether there are more values
ROUNDING = 0.01  # of a mask's 0 and 1, as tools scale and convert them
DEPTH = 6.0  # mm; a vessel is thinner


class CheckScand(MapTransform):
    """Check a loaded, RAS-oriented case: the scan, and the masks that lie on its grid.

    Args:
        keys: `image`, and the masks on its grid: `label`, which every case must have, `brain_mask`, which it may have.

    Raises:
        ValueError: the scan is not one 3D volume of one channel and at least two voxels a side, holds NaN or infinity,
            is constant, or holds labels; a mask lies on another grid; a brain mask is empty, inverted or one of
            vessels; a label is missing or not binary.

    Example:
        >>> CheckScand("image")({"image": MetaTensor(torch.rand(1, 8, 8, 1))})
        Traceback (most recent call last):
        scripts.io.user_error.BadInput: scan: shape (8, 8, 1) is a single slice; a 3D scan is needed.
    """

    def __init__(self, keys: KeysCollection) -> None:
        super().__init__(keys, allow_missing_keys=True)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        image = d["image"]  # (1, D, H, W)
        _check_scan(image)
        if "label" in self.keys and "label" not in d:
            raise BadInput(f"{file_of(image)}: the case has no 'label'.")
        for key in self.key_iterator(d):
            if key != "image":
                if key == "brain_mask":
                    d[key] = as_mask(d[key], image)
                check_mask(key, d[key], image)
                d[key].affine = image.affine  # equal but for rounding; from here on it is one grid
        return d


def _check_scan(image: MetaTensor) -> None:
    name, shape = file_of(image), tuple(image.shape)
    if len(shape) != 4:
        raise BadInput(f"{name}: has {len(shape) - 1} spatial dimensions; a 3D scan is needed.")
    if shape[0] != 1:
        raise BadInput(f"{name}: has {shape[0]} values per voxel (4D or colour image); give one 3D scan.")
    if min(shape[1:]) < 2:
        raise BadInput(f"{name}: shape {shape[1:]} is a single slice; a 3D scan is needed.")
    low, high = (float(end) for end in torch.aminmax(image.as_tensor()))  # NaN where any voxel is
    if not np.isfinite([low, high]).all():
        raise BadInput(f"{name}: holds NaN or infinite values; replace them, e.g. by 0 outside the head.")
    if low == high:
        raise BadInput(f"{name}: all voxels have the value {low}; there is nothing to segment.")
    if few := few_values(image):
        raise BadInput(
            f"{name}: its voxels hold only the values {few}: is it a mask or a label? Give the scan, or take it out of "
            f"the folder; a brain mask is called <scan>{BRAIN_MASK}."
        )


def few_values(volume: MetaTensor) -> str:
    """The values of a volume that holds at most `LABELS` of them, for a message; empty for others.

    Scans of 8 bits hold dozens, and a sample tells it; only where that holds few, all voxels are looked at.
    """
    if has_many_values(volume):
        return ""
    values = torch.unique(volume.as_tensor())
    if len(values) > LABELS:
        return ""
    return ", ".join(f"{value:g}" for value in values[:3].tolist()) + (", ..." if len(values) > 3 else "")


def has_many_values(volume: MetaTensor) -> bool:
    """Whether a sample of the voxels holds more values than a label map may."""
    voxels = volume.as_tensor().flatten()
    return len(torch.unique(voxels[:: max(1, voxels.numel() // SAMPLE)])) > LABELS


def as_mask(mask: MetaTensor, image: MetaTensor) -> MetaTensor:
    """What a brain mask (1, D, H, W) says of its scan `image`; what it leaves open the image is warned of.

    A stripped copy of the scan is the brain where it is not 0, negative values too. Probabilities, and what was
    interpolated, are cut at 0.5. Any other mask is as given: what lies above 0 is the brain.
    """
    graded = has_many_values(mask)
    inside = mask != 0
    if graded and mask.shape == image.shape and torch.equal(mask[inside], image[inside]):
        return cast(MetaTensor, inside.to(mask.dtype))
    if mask.min() >= 0 and mask.max() <= 1 and ((mask > ROUNDING) & (mask < 1 - ROUNDING)).any():
        add_warning(image, "its brain mask holds values between 0 and 1: cut at 0.5")
        return cast(MetaTensor, (mask >= 0.5).to(mask.dtype))
    if graded:
        add_warning(image, f"its brain mask holds more than {LABELS} values: all above 0 is taken for brain")
    return mask


def check_mask(key: Hashable, mask: MetaTensor, image: MetaTensor) -> None:
    """Check a mask (1, D, H, W) against the scan whose grid it should lie on, both in RAS orientation.

    Args:
        key: "brain_mask", which must not be empty, inverted or one of vessels; "label", which must be binary; of any
            other, the grid alone is checked.
        mask: the mask.
        image: the scan, or another mask of it.

    Raises:
        ValueError: shape or position differ, or the values are wrong.
    """
    name = f"{file_of(mask)} ({key})"
    if mask.shape != image.shape:
        raise BadInput(
            f"{name}: shape {tuple(mask.shape[1:])} in RAS orientation differs from its scan's "
            f"{tuple(image.shape[1:])}; resample it onto {file_of(image)}."
        )
    # grids are equal when no corner is off by half a voxel: tools round affines differently
    corners = np.array(list(product(*[(0, side - 1) for side in image.shape[1:]])))  # (8, 3)
    moved = apply_affine(np.asarray(mask.affine) - np.asarray(image.affine), corners)  # (8, 3) mm
    offset = np.linalg.norm(moved, axis=1).max()
    if offset > 0.5 * float(image.pixdim.min()):
        raise BadInput(f"{name}: lies {offset:.2f} mm off its scan; resample it onto {file_of(image)}.")
    if not (mask > 0).any() and key == "brain_mask":
        raise BadInput(f"{name}: is empty; correct it, or remove it to have one estimated.")
    middle = tuple(side // 2 for side in mask.shape[1:])
    at_corners = all(mask[0][corner] > 0 for corner in product((0, -1), repeat=3))
    if key == "brain_mask" and at_corners and not mask[0][middle] > 0:
        raise BadInput(f"{name}: covers the corners and not the middle: is it inverted? It must not be 0 in the brain.")
    if key == "brain_mask" and not _has_depth(mask):
        raise BadInput(f"{name}: is nowhere {DEPTH:g} mm thick: is it a mask of vessels? Give one of the brain.")
    if key != "label":
        return
    odd = (mask != 0) & (mask != 1)  # torch.unique would sort a copy of int64: 2 GB for a large scan
    if odd.any():
        values = torch.unique(mask[odd]).tolist()
        raise BadInput(f"{name}: a label holds 0 (background) and 1 (vessel) only, not {values[:5]}.")


def _has_depth(mask: MetaTensor) -> bool:
    """Whether a cube of `DEPTH`, or what the field of view holds of it, fits into a mask (1, D, H, W)."""
    step = [max(1, int(2.0 / float(side))) for side in mask.pixdim]  # 2 mm are fine enough
    coarse = (mask[0, :: step[0], :: step[1], :: step[2]] > 0).numpy()  # (d, h, w)
    size = [round(DEPTH / (s * float(side))) for s, side in zip(step, mask.pixdim)]
    cube = [min(max(1, voxels), length) for voxels, length in zip(size, coarse.shape)]
    return bool(minimum_filter(coarse, cube, mode="nearest").any())
