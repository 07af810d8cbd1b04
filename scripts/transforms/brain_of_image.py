"""The brain, read off a preprocessed scan."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.transforms import MapTransform


class BrainOfImaged(MapTransform):
    """Set `brain_mask` to where `image` is not 0: uint8, (1, D, H, W), with the image's history for `Invertd`.

    Postprocessing must not rely on any other item than `image` and `pred`: it is all that MONAI Label promises.
    """

    def __init__(self) -> None:
        super().__init__("image")

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        d["brain_mask"] = (d["image"] != 0).to(torch.uint8)
        return d
