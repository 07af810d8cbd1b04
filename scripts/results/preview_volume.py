"""A scan and its vessels, small enough for a web page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn.functional import adaptive_avg_pool3d, adaptive_max_pool3d

from ..vessels.bounding_box import bounding_box

SIDE = 128  # voxels
GREYS = 64  # 6 bits a voxel bound the size, however noisy the scan: 2 MB of base64 at 128^3


def preview_volume(
    vessels: np.ndarray, scan: np.ndarray, brain: np.ndarray | None, spacing: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Vessels and scan, cropped to the brain, at most 128 voxels a side. Outside the brain the scan is 0.

    Args:
        vessels: binary, (D, H, W), orientation RAS.
        scan, brain: same shape; without a brain the scan is left out, lest a face be recognised.
        spacing: mm.

    Returns:
        (d, h, w, 2) uint8: vessels, 0 or 255, and scan, 0 to 252; or (d, h, w, 1) without the scan. And their spacing,
        (3,) mm.
    """
    kept = vessels > 0 if brain is None else brain > 0
    if not kept.any():
        kept = np.ones_like(kept)
    box = bounding_box(kept)
    extent = np.array(kept[box].shape) * spacing  # mm
    step = max(extent.max() / SIDE, min(spacing))
    d, h, w = (int(np.clip(round(side / step), 1, min(SIDE, n))) for side, n in zip(extent, kept[box].shape))
    # the greatest value keeps vessels thinner than a voxel whole
    volumes = [adaptive_max_pool3d(_tensor(vessels[box] > 0), (d, h, w))[0, 0].numpy() * 255]  # (d, h, w)
    if brain is not None:
        tissue = scan[box].astype(np.float32)
        tissue -= tissue.min()
        tissue *= brain[box] > 0
        small = adaptive_avg_pool3d(_tensor(tissue), (d, h, w))[0, 0].numpy()
        low, high = np.percentile(small[small > 0], [0.5, 99.8]) if small.any() else (0, 1)
        grey = np.clip((small - low) / max(high - low, 1e-6), 0, 1)
        volumes.append(np.rint(grey * (GREYS - 1)) * (256 // GREYS))
    return np.stack(volumes, axis=-1).astype(np.uint8), extent / (d, h, w)


def _tensor(volume: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(volume, dtype=np.float32))[None, None]  # (1, 1, D, H, W)
