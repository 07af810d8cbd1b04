"""Reading volumes, with errors that name the file."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from monai.config import KeysCollection
from monai.data import ImageReader
from monai.transforms import LoadImaged


class ReadVolumed(LoadImaged):
    """`monai.transforms.LoadImaged` to float32, (C, D, H, W); a key that the case does not have is passed over.

    Raises:
        ValueError: a file is missing, damaged, or of a voxel type (such as colour) that no number stands for.
    """

    def __init__(self, keys: KeysCollection) -> None:
        super().__init__(keys, dtype=np.float32, ensure_channel_first=True, allow_missing_keys=True)

    def __call__(self, data: Mapping[Hashable, Any], reader: ImageReader | None = None) -> dict[Hashable, Any]:
        try:
            return super().__call__(data, reader)
        except Exception as error:
            files = ", ".join(str(data[key]) for key in self.key_iterator(dict(data)))
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ValueError(f"cannot read {files}: {reason}. Is each a whole 3D grey-value image?") from error
