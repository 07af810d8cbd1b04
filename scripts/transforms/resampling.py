"""Resampling to the working spacing."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from monai.transforms import Spacingd

from .axis_resample import AxisResample


class Resampled(Spacingd):
    """`monai.transforms.Spacingd` that sees only its own keys, and resamples by `AxisResample`.

    MONAI 1.6 updates every item whose key begins with `<key>_` as if it were metadata, and fails on strings such as
    the `image_path` that MONAI Label puts beside `image`.

    Example:
        >>> case = {"image": MetaTensor(torch.rand(1, 8, 8, 8)), "image_path": "scan.nii.gz"}
        >>> tuple(Resampled("image", pixdim=0.5)(case)["image"].shape)
        (1, 15, 15, 15)
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        given = self.spacing_transform.sp_resample
        by_axis = AxisResample(given.mode, given.padding_mode, given.align_corners, given.dtype)
        self.spacing_transform.sp_resample = by_axis

    def __call__(self, data: Mapping[Hashable, Any], lazy: bool | None = None) -> dict[Hashable, Any]:
        d = dict(data)
        d.update(super().__call__({key: d[key] for key in self.key_iterator(d)}, lazy))
        return d
