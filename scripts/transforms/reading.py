"""Reading volumes, with errors that name the file."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from monai.config import KeysCollection
from monai.transforms import LoadImage, MapTransform


class ReadVolumed(MapTransform):
    """Files to float32 volumes, (C, D, H, W); a key that the case does not have is passed over.

    It holds a `LoadImage` and is no `LoadImaged`: MONAI Label replaces those by one that needs every key.

    Raises:
        ValueError: a file is missing, damaged, or of a voxel type (such as colour) that no number stands for.
    """

    def __init__(self, keys: KeysCollection) -> None:
        super().__init__(keys, allow_missing_keys=True)
        self.load = LoadImage(dtype=np.float32, ensure_channel_first=True)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        for key in self.key_iterator(d):
            try:
                d[key] = self.load(d[key])
            except Exception as error:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise ValueError(f"cannot read {d[key]}: {reason}. Is it a whole 3D grey-value image?") from error
        return d
