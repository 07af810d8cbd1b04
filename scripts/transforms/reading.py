"""Reading volumes, with errors that name the file."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import LoadImage, MapTransform
from nibabel.openers import ImageOpener

from ..data.dicom_series import check_series
from .input_checks import check_grid


def read_volume(path: str) -> MetaTensor:
    """A file, or a folder with a DICOM series, as float32 volume (C, D, H, W).

    Raises:
        ValueError: it is missing, damaged, no series, or of a voxel type (such as colour) that no number stands for; or
            its grid is not one of a scan (`check_grid`), or its header contradicts itself.
    """
    if Path(path).is_dir():
        check_series(path)
    try:
        volume = LoadImage(dtype=np.float32, ensure_channel_first=True)(path)
    except Exception as error:
        lines = str(error).splitlines()
        reason = lines[0] if lines else type(error).__name__
        raise ValueError(f"cannot read {path}: {reason}. Is it a whole 3D grey-value image?") from error
    check_grid(volume)
    _check_header(path, volume)
    return volume


def _check_header(path: str, volume: MetaTensor) -> None:
    """Refuse what nibabel and MONAI mend in a NIfTI header: voxels of 0 mm, and a sform that differs from pixdim."""
    if not path.lower().endswith((".nii", ".nii.gz")) or volume.ndim != 4:
        return
    image: Any = nib.load(path)
    with ImageOpener(path) as stream:
        as_stored = image.header_class.from_fileobj(stream, check=False)
    if not as_stored["pixdim"][1:4].all():
        raise ValueError(f"{path}: its header gives voxels of 0 mm; correct it.")
    if not np.allclose(image.affine, volume.meta["original_affine"], rtol=1e-4, atol=1e-3):
        raise ValueError(
            f"{path}: its header contradicts itself (voxel sizes in pixdim and in sform or qform); correct it, or save "
            "the scan anew with a tool that shows it right."
        )


class ReadVolumed(MapTransform):
    """Files to float32 volumes, (C, D, H, W); a key that the case does not have is passed over.

    It holds no `LoadImaged`: MONAI Label replaces those by one that needs every key. Raises what `read_volume` raises.
    """

    def __init__(self, keys: KeysCollection) -> None:
        super().__init__(keys, allow_missing_keys=True)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = read_volume(d[key])
        return d
