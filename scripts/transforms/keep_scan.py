"""The scan as it was read, for the pictures of its results."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from monai.transforms import MapTransform

SCAN = "scan"


class KeepScand(MapTransform):
    """Set `scan` to what `image` is now, float32, (1, D, H, W): the transforms that follow make new images of it.

    Reading it again for a picture would decompress it again, which takes longer than the picture.

    Example:
        >>> KeepScand()({"image": 3})
        {'image': 3, 'scan': 3}
    """

    def __init__(self) -> None:
        super().__init__("image")

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        return {**data, SCAN: data["image"]}
