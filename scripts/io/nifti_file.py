"""What is NIfTI by its name, and whether such a file is whole."""

from __future__ import annotations

import gzip
import math
from pathlib import Path
from typing import Any

import nibabel as nib

MOST_VOXELS = 2**30  # four times what 7 T scanners give; memory would run out before the reader says why
BLOCK = 2**20


def is_nifti(path: str | Path) -> bool:
    """Whether a file is called as NIfTI is."""
    return str(path).lower().endswith((".nii", ".nii.gz"))


def check_whole(path: str | Path) -> None:
    """Check that a file holds every voxel that its header promises, and a compressed one its checksum.

    nibabel reserves memory for what the header promises before it looks for the voxels, and stops reading before the
    checksum, so that a damaged scan would be segmented.

    Raises:
        ValueError: fewer bytes than promised, or a size that no scan has.
        OSError, EOFError, zlib.error: the file cannot be decompressed.
    """
    image: Any = nib.load(path)  # the header alone
    voxels = math.prod(int(side) for side in image.shape)
    if voxels > MOST_VOXELS:
        raise ValueError(f"its header claims {voxels:,} voxels")
    promised = int(image.dataobj.offset) + voxels * image.header.get_data_dtype().itemsize
    if str(path).lower().endswith(".gz"):
        with gzip.open(path) as stream:
            held = sum(map(len, iter(lambda: stream.read(BLOCK), b"")))
    else:
        held = Path(path).stat().st_size
    if held < promised:
        raise ValueError(f"it holds {held:,} of the {promised:,} bytes that its header promises")
