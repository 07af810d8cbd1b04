"""A scan and its vessels, small enough for a web page."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence

import nibabel as nib
import numpy as np
import torch
from torch.nn.functional import adaptive_avg_pool3d, adaptive_max_pool3d

SIDE = 128  # voxels
GREYS = 64  # 6 bits a voxel bound the size, however noisy the scan: 2 MB of base64 at 128^3


def preview_volumes(
    vessels: np.ndarray, scan: np.ndarray | None, brain: np.ndarray | None, spacing: Sequence[float]
) -> tuple[str, str | None]:
    """Vessels and scan as gzipped NIfTI in base64, cropped to the brain, at most 128 voxels a side, uint8.

    Nothing of the scan's header goes into them but its voxel size. Outside the brain the scan is 0.

    Args:
        vessels: binary, (D, H, W), orientation RAS.
        scan, brain: same shape; without a brain the scan is left out, lest a face be recognised.
        spacing: mm.

    Returns:
        vessels, 0 or 255; scan, 0 to 252, or None.
    """
    kept = vessels > 0 if brain is None else brain > 0
    if not kept.any():
        kept = np.ones_like(kept)
    sides = [np.flatnonzero(kept.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
    box = tuple(slice(int(side[0]), int(side[-1]) + 1) for side in sides)
    extent = np.array(kept[box].shape) * spacing  # mm
    step = max(extent.max() / SIDE, min(spacing))
    d, h, w = (int(np.clip(round(side / step), 1, min(SIDE, n))) for side, n in zip(extent, kept[box].shape))
    small_spacing = extent / (d, h, w)
    # the greatest value keeps vessels thinner than a voxel whole
    small = adaptive_max_pool3d(_tensor(vessels[box] > 0), (d, h, w))[0, 0].numpy() * 255  # (d, h, w)
    vessel_volume = _encoded(small, small_spacing)
    if scan is None or brain is None:
        return vessel_volume, None
    tissue = (scan[box] - scan[box].min()) * (brain[box] > 0)
    small = adaptive_avg_pool3d(_tensor(tissue), (d, h, w))[0, 0].numpy()
    low, high = np.percentile(small[small > 0], [0.5, 99.8]) if small.any() else (0, 1)
    grey = np.clip((small - low) / max(high - low, 1e-6), 0, 1)
    return vessel_volume, _encoded(np.rint(grey * (GREYS - 1)) * (256 // GREYS), small_spacing)


def _tensor(volume: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(volume, dtype=np.float32))[None, None]  # (1, 1, D, H, W)


def _encoded(volume: np.ndarray, spacing: np.ndarray) -> str:
    image = nib.Nifti1Image(volume.astype(np.uint8), np.diag([*spacing, 1.0]))
    return base64.b64encode(gzip.compress(image.to_bytes(), mtime=0)).decode()
