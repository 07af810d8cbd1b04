"""Intensities relative to the tissue of the brain."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from monai.config import KeysCollection
from monai.transforms import MapTransform

from ..io.user_error import BadInput

MAD_TO_SIGMA = 1.4826  # of a normal distribution
DARKEST, BRIGHTEST = 0.01, 5.0  # normalised intensities in the brain are clipped to these


class NormaliseInBraind(MapTransform):
    """Robust normalisation inside the brain; everything outside becomes exactly 0.

    y = clip(1 + (x - median) / (5 sigma), 0.01, 5) with sigma = 1.4826 MAD, median and MAD over the brain's voxels.
    Inside the brain y is never 0, so `image != 0` is the brain for everything that follows. Vessels are a few per cent
    of the brain and hardly change median and MAD. In a scan whose background was set to 0 the MAD is 0: the standard
    deviation then takes its place.

    Args:
        keys: images, (1, D, H, W) each; `brain_mask` has the same shape.

    Raises:
        ValueError: the mask is empty, or the image is constant inside it.

    Example:
        >>> image = MetaTensor(torch.tensor([[[[0.0, 90.0, 100.0, 110.0]]]]))
        >>> NormaliseInBraind("image")({"image": image, "brain_mask": image > 0})["image"].flatten()
        metatensor([0.0000, 0.8651, 1.0000, 1.1349])
    """

    def __init__(self, keys: KeysCollection) -> None:
        super().__init__(keys)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        brain = d["brain_mask"].as_tensor() > 0  # (1, D, H, W)
        for key in self.key_iterator(d):
            image = d[key]  # (1, D, H, W)
            name = image.meta.get("filename_or_obj", key)
            tissue = image.as_tensor()[brain]  # (voxels of the brain,)
            if tissue.numel() == 0:
                raise BadInput(f"{name}: its brain mask is empty; give a mask, or run with brain_mask 'none'.")
            median = tissue.median()
            sigma = MAD_TO_SIGMA * (tissue - median).abs().median()
            if sigma == 0:
                sigma = tissue.std(correction=0)
            if sigma == 0:
                raise BadInput(f"{name}: the scan is constant inside its brain mask; do they belong together?")
            d[key] = ((image - median) / (5 * sigma) + 1).clamp_(DARKEST, BRIGHTEST).mul_(brain)
        return d
