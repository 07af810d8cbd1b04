"""What is NIfTI by its name, and reading such a file, once and to its end."""

from __future__ import annotations

import gzip
import math
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from monai.config import PathLike
from monai.data import NibabelReader
from monai.data.utils import correct_nifti_header_if_necessary
from monai.utils import ensure_tuple

MOST_VOXELS = 2**30  # four times what 7 T scanners give; memory would run out before the reader says why
BLOCK = 2**20


def is_nifti(path: str | Path) -> bool:
    """Whether a file is called as NIfTI is."""
    return str(path).lower().endswith((".nii", ".nii.gz"))


class WholeNiftiReader(NibabelReader):
    """MONAI's reader of one file that refuses a damaged one (`read_whole`), and gives float32 in the order of axes."""

    def read(self, data: Sequence[PathLike] | PathLike, **kwargs: Any) -> Any:
        self.filenames = ensure_tuple(data)
        return correct_nifti_header_if_necessary(read_whole(self.filenames[0]))

    def get_data(self, img: Any) -> tuple[np.ndarray, dict[str, Any]]:
        values, meta = super().get_data(img)
        return np.array(values, dtype=np.float32, order="C"), meta  # at once: MONAI would do one after the other


def read_whole(path: PathLike) -> Any:
    """A nibabel image of a file that holds every voxel that its header promises, and a compressed one its checksum.

    nibabel reserves memory for what the header promises before it looks for the voxels, and stops reading before the
    checksum, so that a damaged scan would be segmented. What is compressed is held in memory, lest it be decompressed
    again for its voxels.

    Raises:
        ValueError: fewer bytes than promised, or a size that no scan has.
        OSError, EOFError, zlib.error: the file cannot be decompressed.
    """
    image: Any = nib.load(path)  # the header alone
    voxels = math.prod(int(side) for side in image.shape)
    if voxels > MOST_VOXELS:
        raise ValueError(f"its header claims {voxels:,} voxels")
    promised = int(image.dataobj.offset) + voxels * image.header.get_data_dtype().itemsize
    if not str(path).lower().endswith(".gz"):
        _check_size(Path(path).stat().st_size, promised)
        return image
    content, held = BytesIO(), 0
    with gzip.open(path) as stream:
        while block := stream.read(BLOCK):
            content.write(block[: max(promised - held, 0)])
            held += len(block)
    _check_size(held, promised)
    content.seek(0)
    return image.from_stream(content)


def _check_size(held: int, promised: int) -> None:
    if held < promised:
        raise ValueError(f"it holds {held:,} of the {promised:,} bytes that its header promises")
