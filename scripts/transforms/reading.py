"""The first transform: files become volumes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform

from ..io.free_memory import check_memory
from ..io.volumes import as_read, read_volume


class ReadVolumed(MapTransform):
    """Read files as float32 volumes, (C, D, H, W); keys that the case does not have are passed over.

    A MetaTensor is a volume that another program, which uses the bundle, has already read (`as_read`). There is no
    `LoadImaged` in here: MONAI Label replaces those by one that needs every key. Raises what `read_volume` raises, and
    `check_memory` of the image.

    Example:
        >>> case = {"image": MetaTensor(torch.rand(8, 8, 8))}
        >>> ReadVolumed(["image", "label"])(case)["image"].shape
        torch.Size([1, 8, 8, 8])
    """

    def __init__(self, keys: KeysCollection) -> None:
        super().__init__(keys, allow_missing_keys=True)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        for key in self.key_iterator(d):
            check_size = check_memory if key == "image" else None
            d[key] = as_read(d[key]) if isinstance(d[key], MetaTensor) else read_volume(d[key], check_size)
        return d
