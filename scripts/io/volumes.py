"""Reading volumes, with errors that name the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, cast

import nibabel as nib
import numpy as np
import torch
from monai.data import ImageReader, ITKReader, MetaTensor
from monai.transforms import LoadImage, Orientation
from nibabel.openers import ImageOpener

from .dicom_series import SeriesReader, find_series
from .grid import check_grid
from .nifti_file import WholeNiftiReader, is_nifti
from .scan_size import voxel_count
from .scan_warnings import add_warning
from .stated_geometry import check_stated_geometry, warn_of_defaults
from .user_error import BadInput


def read_volume(path: str, check_size: Callable[[int], object] | None = None) -> MetaTensor:
    """A file, or a folder with a DICOM series, as float32 volume (C, D, H, W).

    Args:
        path: of it.
        check_size: is told how many voxels there are before they are read; what it raises is raised here, too.

    Raises:
        ValueError: it is missing, damaged, no series, or of a voxel type (such as colour) that no number stands for; or
            its grid is not one of a scan (`check_grid`), or its header contradicts itself.
    """
    if Path(path).exists() and not Path(path).is_file() and not Path(path).is_dir():
        raise BadInput(f"cannot read {path}: it is no file but a pipe or device.")  # which might never end
    files, warnings = find_series(path) if Path(path).is_dir() else ([path], [])
    if check_size is not None:
        check_size(voxel_count(files))
    # named, or MONAI would choose others where pydicom or pynrrd are installed; twice, or it would hide their errors
    kind = WholeNiftiReader if is_nifti(path) else SeriesReader if Path(path).is_dir() else ITKReader
    reader: ImageReader = kind()
    try:
        volume = LoadImage(reader, dtype=np.float32, ensure_channel_first=True)(files, reader)
    except Exception as error:
        raise BadInput(
            f"cannot read {path}: {_reason(error)}. Is it a whole 3D grey-value image, named as its format wants it?"
        ) from error
    volume = _without_unit_axes(volume)
    volume.meta["filename_or_obj"] = path
    for warning in warnings:
        add_warning(volume, warning)
    check_grid(volume)
    _check_header(path, volume)
    check_stated_geometry(path, volume)
    return volume


def reorient_to_ras(volume: MetaTensor) -> MetaTensor:
    """A volume (C, D, H, W) in orientation RAS, in main memory."""
    return cast(MetaTensor, Orientation(axcodes="RAS", labels=None)(volume.cpu()))


def _reason(error: Exception) -> str:
    """What went wrong in one line, of ITK's messages without source file and address."""
    text = re.sub(r"\(0x[0-9a-f]+\)", "", str(error).rpartition("ERROR: ")[2]).strip()
    return text.splitlines()[0].strip(" .:") if text else type(error).__name__


def _check_header(path: str, volume: MetaTensor) -> None:
    """Refuse what nibabel and MONAI mend in a NIfTI header: voxels of 0 mm, and a sform that differs from pixdim."""
    if not is_nifti(path) or volume.ndim != 4:
        return
    image: Any = nib.load(path)
    with ImageOpener(path) as stream:
        as_stored = image.header_class.from_fileobj(stream, check=False)
    if not as_stored["pixdim"][1:4].all():
        raise BadInput(f"{path}: its header gives voxels of 0 mm; correct it.")
    if not np.allclose(image.affine, volume.meta["original_affine"], rtol=1e-4, atol=1e-3):
        raise BadInput(
            f"{path}: its header contradicts itself (voxel sizes in pixdim and in sform or qform); correct it, or save "
            "the scan anew with a tool that shows it right."
        )
    if as_stored["pixdim"][0] not in (-1, 0, 1):  # programs read another one in different ways
        raise BadInput(f"{path}: its header gives the qform no handedness (pixdim[0] is 1 or -1); correct it.")
    if (apart := _between_forms(image)) > 0.5 * min(image.header.get_zooms()[:3]):
        add_warning(volume, f"sform and qform of its header lie up to {apart:.1f} mm apart: the sform is used")


def _between_forms(image: Any) -> float:
    """Greatest distance of a corner by the two transforms of a NIfTI header, mm; 0 where it gives one or none."""
    if not (image.header["sform_code"] and image.header["qform_code"]):
        return 0.0
    corners = np.array([[*corner, 1] for corner in product(*[(0, side - 1) for side in image.shape[:3]])]).T  # (4, 8)
    return float(np.linalg.norm((image.get_sform() - image.get_qform()) @ corners, axis=0).max())


def _without_unit_axes(volume: MetaTensor) -> MetaTensor:
    """A volume of more than three spatial axes, those of one voxel behind the third left out."""
    tensor = volume.as_tensor()
    while tensor.ndim > 4 and tensor.shape[-1] == 1:
        tensor = tensor[..., 0]
    # made anew: MONAI remembers a MetaTensor's number of axes from when it got its affine
    return volume if tensor.ndim == volume.ndim else MetaTensor(tensor, meta=volume.meta)


def as_read(volume: MetaTensor) -> MetaTensor:
    """A volume that is in memory, (D, H, W) or (C, D, H, W), with its affine (RAS), as `read_volume` would give it.

    Raises:
        ValueError: its grid is not one of a scan (`check_grid`).
    """
    tensor = volume.as_tensor().to(torch.float32)
    # made anew: MONAI remembers a MetaTensor's number of axes from when it got its affine
    volume = MetaTensor(tensor[None] if tensor.ndim == 3 else tensor, affine=volume.affine, meta=volume.meta)
    volume.meta.setdefault("original_affine", volume.affine)
    volume.meta.setdefault("spatial_shape", np.array(volume.shape[1:]))
    check_grid(volume)
    if volume.ndim == 4:
        warn_of_defaults(volume)
    return volume
