"""The brain, read off a preprocessed scan."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.transforms import MapTransform


class BrainOfImaged(MapTransform):
    """Set `brain_mask` to where `image` is not 0: uint8, (1, D, H, W), with the image's history for `Invertd`.

    Postprocessing may rely on `image` and `pred` only: MONAI Label promises no other item.

    Example:
        >>> image = MetaTensor(torch.tensor([[[[0.0, 0.9, 1.2]]]]))
        >>> BrainOfImaged()({"image": image})["brain_mask"].flatten()
        metatensor([0, 1, 1], dtype=torch.uint8)
    """

    def __init__(self) -> None:
        super().__init__("image")

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        d["brain_mask"] = (d["image"] != 0).to(torch.uint8)
        return d
