"""The scan as it was read, for the pictures of its results."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.data import MetaTensor
from monai.transforms import MapTransform

SCAN = "scan"


class KeepScand(MapTransform):
    """Set `scan` to what `image` is now, (1, D, H, W): int16 where that holds every value, else float32.

    The transforms that follow make new images of it. Reading it again for a picture would decompress it again, which
    takes longer than the picture; most scans are stored as int16, and as such take half the memory.

    Example:
        >>> KeepScand()({"image": MetaTensor([[[[0.0, 300.0]]]])})["scan"].dtype
        torch.int16
    """

    def __init__(self) -> None:
        super().__init__("image")

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        image: MetaTensor = data["image"]
        short = image.to(torch.int16)
        exact = torch.equal(torch.as_tensor(short).float(), torch.as_tensor(image))
        return {**data, SCAN: short if exact else image}
