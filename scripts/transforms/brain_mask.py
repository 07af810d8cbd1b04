"""A brain mask for time-of-flight MRA, where the user gives none."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import MapTransform
from scipy.ndimage import (
    binary_fill_holes,
    distance_transform_edt,
    gaussian_filter,
    label,
    maximum_filter,
    minimum_filter,
)
from scipy.stats import median_abs_deviation
from skimage.filters import threshold_otsu

from ..io.user_error import BadInput

logger = logging.getLogger(__name__)

WORKING_SPACING = 2.0  # mm; the brain's outline needs no more, and the scan's own grid would take minutes
BRIDGE = 5.0  # mm; half the width of what joins brain and scalp (skull, nerves, arteries) and is cut
CLOSING = 12.0  # mm; bridges the dark cisterns around the circle of Willis
BIAS = 25.0  # mm; the coils' sensitivity varies over such distances
AIR = 10  # percent of the voxels at least are air; in noise the brightest of these may exceed half of Otsu's threshold
NOISE = 1.5  # times the brightest of them: three standard deviations above the air's mean
SKIN = 7.0  # mm below the air; scalp and skull are thicker
EXPOSED = 0.002  # of a brain at most lies within the skin
SCALP = 0.024  # of a brain within the skin; where more is, scalp was taken with it, else eyes at most
STRICTER = (1.1, 1.2, 1.3)  # times Otsu's threshold, until brain and scalp come apart
WITHOUT_EYES, WITHOUT_SCALP = 0.85, 0.6  # of the voxels at least; a threshold that leaves fewer cuts the brain
GAP = 4.0  # mm; half the width of what is closed in a head's outline
HOLE = 3.0  # mm; a cube of the background's value of this size was emptied, a smaller one is a hole in tissue
TIGHT = 0.9  # of the mask, interpolated to the scan's grid: 0.8 mm inside its outline
MARGIN = 6.0  # mm around the brain, in which large arteries belong to it
BRIGHT = 4.0  # standard deviations of the brain's tissue, above which a voxel there is an artery
AROUND = 2.0  # mm of an artery's surroundings
INSIDE = 110.0  # mm from left to right and from back to front; a smaller field of view shows no whole section of a head
LEAST = 0.05  # of the tissue in view; less brain was not found
STRIPPED = 0.2  # of the field of view; where more was emptied, what is left may be brain alone
TOUCHING = 0.05  # of a brain; where more of it lies within the skin of what is left, the skull was stripped
SPARSE = 0.1  # a scan with fewer voxels than this beside the background has no tissue left to find a brain by


def estimate_brain_mask(image: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Brain of a TOF-MRA: shading evened out, Otsu, scalp cut off, largest component, closed; and arteries along it.

    Where much of the result lies in the skin, scalp and brain were not apart, and a higher threshold is taken.

    As tight as a drawn mask: a network that has learnt within such masks takes veins and meninges for arteries where a
    wider one shows them far from its edge. What was set to a constant beforehand (skull stripping) is no brain: no
    network should see it as tissue. But where fewer than 10 % of the voxels are left, little but vessels is, and what
    was emptied stands for the tissue around them.

    A field of view of less than 110 mm from left to right and from back to front lies inside the head: there is no air
    to tell tissue from, and nearly all of it is brain (of boxes around the circle of Willis, 0.9 to 1.0). All of it is
    taken. So is what is left of a scan whose skull was stripped: where the brain touches what was emptied, or does not
    stand out.

    Args:
        image: (D, H, W), orientation RAS.
        spacing: voxel size along each axis, mm.

    Returns:
        boolean mask, (D, H, W); all true where no tissue is left.

    Raises:
        ValueError: less than 5 % of the tissue in a wider field of view was found to be brain, which cannot be right.
    """
    background = image == _face_value(image)
    if background.mean() > 1 - SPARSE:
        return np.ones_like(background)
    tissue = ~_emptied(background, spacing)
    if max(side * s for side, s in zip(image.shape[:2], spacing)) < INSIDE:
        return tissue
    step = [max(1.0, WORKING_SPACING / s) for s in spacing]
    shape = [max(1, round(side / f)) for side, f in zip(image.shape, step)]
    tensor = torch.as_tensor(np.asarray(image, dtype=np.float32))[None, None]  # (1, 1, D, H, W)
    small = torch.nn.functional.interpolate(tensor, size=shape, mode="area")[0, 0].numpy()
    small_spacing = [s * side / new for s, side, new in zip(spacing, image.shape, shape)]
    stripped = bool(tissue.mean() < 1 - STRIPPED)
    mask = _brain_of_tissue(small - min(small.min(), 0), small_spacing, stripped)  # a scan may come standardised
    if mask is None:
        return tissue
    mask = _with_arteries(mask, small, small_spacing) if mask.any() else mask
    coarse = torch.from_numpy(mask)[None, None].float()  # (1, 1, d, h, w)
    brain = (torch.nn.functional.interpolate(coarse, size=image.shape, mode="trilinear")[0, 0] >= TIGHT).numpy()
    brain &= tissue
    found = brain.sum() >= LEAST * tissue.sum()
    if not found and stripped:
        return tissue
    if not found:
        raise BadInput(
            f"the brain could not be found ({brain.mean():.1%} of the field of view, which cannot be right). Give a "
            "brain mask, or run with --brain_mask none to use the whole field of view."
        )
    return brain


def _face_value(image: np.ndarray) -> float:
    """The most frequent value on the six faces of a scan: that of its background, where this is constant."""
    faces = [np.take(image, side, axis).ravel() for axis in range(image.ndim) for side in (0, -1)]
    values, counts = np.unique(np.concatenate(faces), return_counts=True)
    return values[counts.argmax()]


def _emptied(background: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """What of the voxels of the background's value, (D, H, W), is no hole in tissue: their opening with a cube."""
    size = [2 * round(HOLE / 2 / s) + 1 for s in spacing]  # odd, so that the opening stays where it is
    return maximum_filter(minimum_filter(background, size), size)


def _brain_of_tissue(image: np.ndarray, spacing: Sequence[float], stripped: bool) -> np.ndarray | None:
    """Brain on the coarse grid, (d, h, w); None where all tissue is brain, which only a `stripped` scan may be."""
    otsu = threshold_otsu(np.minimum(image, np.percentile(image, 99)))
    noise = NOISE * np.percentile(image[image > 0], AIR)
    head = image > np.clip(noise, otsu / 2, 3 * otsu / 4)
    signal = _without_bias(image, head, spacing)
    threshold = threshold_otsu(signal[image > 0])
    outline = _without_holes(_eroded(_within(head, GAP, spacing), GAP, spacing))
    skin = _within(~outline, SKIN, spacing)
    first = _brain_above(threshold, signal, spacing)
    exposed = _share_within(first, skin)
    if stripped and exposed > TOUCHING:
        return None
    if exposed <= EXPOSED:
        return first
    least = (WITHOUT_SCALP if exposed > SCALP else WITHOUT_EYES) * first.sum()
    for factor in STRICTER:
        brain = _brain_above(factor * threshold, signal, spacing)
        if _share_within(brain, skin) <= EXPOSED and brain.sum() >= least:
            return brain
    return first


def _share_within(mask: np.ndarray, region: np.ndarray) -> float:
    return float(region[mask].mean()) if mask.any() else 1.0


def _brain_above(threshold: float, signal: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    core = _largest(distance_transform_edt(signal > threshold, spacing) > BRIDGE)
    return _without_holes(_eroded(_within(core, BRIDGE + CLOSING, spacing), CLOSING, spacing))


def _with_arteries(brain: np.ndarray, image: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """The brain and the large arteries along it, (d, h, w); veins and meninges, which lie there too, are fainter."""
    tissue = image[brain]  # (voxels of the brain,)
    bright = image > np.median(tissue) + BRIGHT * median_abs_deviation(tissue, scale="normal")
    along = _within(brain, MARGIN, spacing)
    return brain | (along & _within(bright & along, AROUND, spacing))


def _without_bias(image: np.ndarray, head: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Signal relative to the tissue around it, (d, h, w): coils may leave one side of a head half as bright."""
    signal = np.minimum(image, 1.5 * np.median(image[head]))  # fat and vessels count as tissue
    sigma = [BIAS / s for s in spacing]
    around = gaussian_filter(signal * head, sigma) / (gaussian_filter(head.astype(np.float32), sigma) + 1e-3)
    return signal / (around + 0.1 * np.median(image[head]))


def _within(mask: np.ndarray, distance: float, spacing: Sequence[float]) -> np.ndarray:
    return distance_transform_edt(~mask, spacing) <= distance if mask.any() else mask


def _eroded(mask: np.ndarray, distance: float, spacing: Sequence[float]) -> np.ndarray:
    return ~_within(~mask, distance, spacing)


def _without_holes(mask: np.ndarray) -> np.ndarray:
    """Holes of every axial slice filled."""
    return np.stack([binary_fill_holes(mask[:, :, z]) for z in range(mask.shape[2])], axis=2)


def _largest(mask: np.ndarray) -> np.ndarray:
    components, count = label(mask)
    return components == 1 + np.argmax(np.bincount(components.ravel())[1:]) if count else mask


class BrainMaskd(MapTransform):
    """Give every case its `brain_mask`, uint8 on the scan's grid, and tell where it is from in `mask_source`.

    `mask_source` is "user" (the case brought a mask), "estimated", or "none" (the whole field of view is used).

    Args:
        mode: "auto" estimates the mask where the user gave none; "none" uses no mask at all.

    Raises:
        ValueError: an unknown mode; an estimate that cannot be right (see `estimate_brain_mask`).

    Example:
        >>> case = {"image": MetaTensor(torch.rand(1, 8, 8, 8))}
        >>> BrainMaskd(mode="none")(case)["mask_source"]
        'none'
    """

    def __init__(self, mode: str = "auto") -> None:
        super().__init__("brain_mask", allow_missing_keys=True)
        if mode not in ("auto", "none"):
            raise ValueError(f"brain_mask '{mode}' is unknown; choose 'auto' or 'none'.")
        self.mode = mode

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        image: MetaTensor = d["image"]  # (1, D, H, W)
        if self.mode == "none":
            mask, source = torch.ones(image.shape, dtype=torch.uint8), "none"
        elif "brain_mask" in d:
            mask, source = (d["brain_mask"].as_tensor() > 0).to(torch.uint8), "user"
        else:
            mask, source = self._estimate(image), "estimated"
        d["brain_mask"] = MetaTensor(
            mask, meta=deepcopy(image.meta), applied_operations=deepcopy(image.applied_operations)
        )
        d["mask_source"] = source
        return d

    def _estimate(self, image: MetaTensor) -> torch.Tensor:
        """uint8 (1, D, H, W)."""
        name = image.meta.get("filename_or_obj", "scan")
        try:
            brain = estimate_brain_mask(image[0].numpy(), image.pixdim.tolist())  # (D, H, W)
        except BadInput as error:
            raise BadInput(f"{name}: {error}") from error
        logger.info("%s: brain mask estimated, %.0f ml", name, float(brain.sum() * image.pixdim.prod()) / 1000)
        return torch.from_numpy(brain[None].astype(np.uint8))
