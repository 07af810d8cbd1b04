"""Whether a file says how large its voxels are and how they lie; readers fill in what it leaves out."""

from __future__ import annotations

import re

import numpy as np
from monai.data import MetaTensor

from .scan_warnings import add_warning
from .user_error import BadInput

GUESS = "left and right are a guess"
HEADER = 2**16  # bytes; text headers are shorter
ORIENTED_SPACES = r"(right|left)-(anterior|posterior)-superior|(RAS|LAS|LPS)\b"  # the only ones with sides (NRRD, 5)
_NUMBER = r"[-+]?[.\d]\S*"  # `nan` states nothing


def check_stated_geometry(path: str, volume: MetaTensor) -> None:
    """Refuse a volume (C, D, H, W) whose file gives no voxel size; warn of one whose orientation is not given.

    The size is not assumed, since what the network takes for a vessel depends on it. A missing orientation mirrors the
    scan at worst: the mask still lies on it.

    Raises:
        ValueError: NRRD without `spacings` or `space directions`, or MetaImage without `ElementSpacing`.
    """
    if volume.ndim != 4:
        return  # no volume, which is refused later
    if path.lower().endswith((".nrrd", ".mha", ".mhd")):
        _check_text_header(path, volume)
    warn_of_defaults(volume)


def warn_of_defaults(volume: MetaTensor) -> None:
    """Warn of a NIfTI file without form, and of the geometry of an array that was saved without one."""
    affine = np.asarray(volume.affine)
    if not any(int(volume.meta.get(code, 1)) for code in ("sform_code", "qform_code")):
        size = ", and the voxels' 1 mm may be one too" if np.allclose(np.abs(affine[:3, :3]).sum(axis=0), 1) else ""
        add_warning(volume, f"neither sform nor qform is set: {GUESS}{size}")
    elif np.array_equal(np.abs(affine), np.eye(4)):  # what nibabel, ITK and SimpleITK give a bare array
        add_warning(volume, f"its geometry is that of an array saved without one: voxels of 1 mm assumed, {GUESS}")


def _check_text_header(path: str, volume: MetaTensor) -> None:
    with open(path, "rb") as stream:
        content = stream.read(HEADER)
    end = rb"\r?\n\r?\n" if path.lower().endswith(".nrrd") else rb"ElementDataFile"
    header = re.split(end, content, maxsplit=1)[0].decode("latin-1")

    def states(pattern: str) -> bool:
        return re.search(rf"^\s*({pattern})", header, re.MULTILINE | re.IGNORECASE) is not None

    if path.lower().endswith(".nrrd"):
        size = states(rf"spacings:(\s*\S+)?(\s+{_NUMBER}){{3}}\s*$") or states(
            r"space directions:(\s*none)?(\s*\([^n)]*\)){3}"
        )
        orientation = states(rf"space:\s*({ORIENTED_SPACES})") and states("space directions:")
        fields = "spacings or space directions"
    else:
        size = states(rf"Element(Spacing|Size)\s*=\s*{_NUMBER}")
        orientation = states(r"(TransformMatrix|Rotation|Orientation)\s*=")
        fields = "ElementSpacing"
    if not size:
        raise BadInput(
            f"{path}: its header gives no voxel size ({fields}); save it anew with the scan's geometry, for "
            "example from the DICOM series."
        )
    if not orientation:
        add_warning(volume, f"its header gives no orientation: {GUESS}")
