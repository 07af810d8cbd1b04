"""The one preprocessing of training, evaluation and inference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from monai.transforms import CastToTyped, Compose, CropForegroundd, MapTransform, Orientationd

from .brain_mask import BrainMaskd
from .contrast_check import CheckContrastd
from .input_checks import CheckScand
from .keep_scan import KeepScand
from .normalisation import NormaliseInBraind
from .reading import ReadVolumed
from .resampling import Resampled
from .trained_range import CheckTrainedRanged


def preprocessing(
    spacing: float,
    keys: Sequence[str] = ("image",),
    brain_mask: str = "auto",
    margin: int = 4,
    keep_scan: bool = False,
    trained_range: Mapping[str, Sequence[float | None]] | None = None,
) -> Compose:
    """Load, check, orient to RAS, find the brain, crop to it, resample, normalise inside it, 0 outside.

    The result holds `image`, float32, and `brain_mask`, uint8, (1, D, H, W) each, `label`, uint8, when asked for, and
    `mask_source` ("user", "estimated", "none"). `image != 0` is the brain. Cropping comes before resampling to save
    memory; spatial transforms are invertible (`monai.transforms.Invertd`) back onto the scan's own grid.

    Args:
        spacing: working spacing along every axis, mm.
        keys: `("image",)`, or `("image", "label")` for labelled cases.
        brain_mask: "auto" takes the case's mask, else estimates one; "none" uses the whole field of view.
        margin: voxels of the scan kept around the brain.
        keep_scan: the result also holds `scan`, on its own grid, in orientation RAS.
        trained_range: of the weights that are to segment; scans outside it are warned of (`CheckTrainedRanged`).

    Raises:
        ValueError: a spacing that is not positive; and see the transforms' own checks.
    """
    if not isinstance(spacing, (int, float)) or spacing <= 0:
        raise ValueError(f"spacing must be one positive number of mm, not {spacing}.")
    masks = [key for key in keys if key != "image"]
    volumes = ["image", *masks, "brain_mask"]
    modes = ["bilinear"] + ["nearest"] * (len(volumes) - 1)
    return Compose(
        [
            *reading(keys, brain_mask),
            *([KeepScand()] if keep_scan else []),
            BrainMaskd(brain_mask),
            CheckContrastd(),
            CropForegroundd(
                volumes, "brain_mask", margin=margin, allow_smaller=True, start_coord_key=None, end_coord_key=None
            ),
            # float64, MONAI's default, doubles the memory of the sampling grid and changes nothing one could see
            Resampled(volumes, pixdim=[float(spacing)] * 3, mode=modes, dtype=np.float32),
            *([CheckTrainedRanged(trained_range)] if trained_range else []),
            CastToTyped([*masks, "brain_mask"], dtype=np.uint8),
            NormaliseInBraind("image"),
        ]
    )


def reading(keys: Sequence[str], brain_mask: str) -> list[MapTransform]:
    """The first steps of `preprocessing`: read, orient to RAS, check."""
    given = [*keys, *(["brain_mask"] if brain_mask == "auto" else [])]
    orient = Orientationd(given, axcodes="RAS", labels=None, allow_missing_keys=True)
    return [ReadVolumed(given), orient, CheckScand(given)]
