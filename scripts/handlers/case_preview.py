"""A picture of a result: maximum intensity projections along three axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

PANEL = 384  # pixels, longest side of a projection
BAR = 14  # pixels, for a column's title
RED = np.array([255, 40, 40])


def case_preview(
    scan: np.ndarray, vessels: np.ndarray, spacing: Sequence[float], truth: np.ndarray | None = None
) -> Image.Image:
    """Rows: axial, coronal, sagittal projection. Columns: scan, vessels over the scan, truth over the scan if given.

    The patient's right is on the left of the axial and coronal picture, anterior on the left of the sagittal one.

    Args:
        scan: (D, H, W), orientation RAS, 0 outside the brain.
        vessels: binary, same shape.
        spacing: voxel size, mm, so that pixels are square.
        truth: binary, same shape.
    """
    columns = [("scan", None), ("vessels", vessels)] + ([("truth", truth)] if truth is not None else [])
    top = max(float(np.percentile(scan.max(axis=2), 99.5)), 1e-6)  # a few brightest voxels may saturate
    rows = [[_panel(scan, mask, axis, spacing, top) for _, mask in columns] for axis in (2, 1, 0)]
    width = max(panel.width for row in rows for panel in row)
    picture = Image.new("RGB", (width * len(columns), BAR + sum(row[0].height for row in rows)))
    draw = ImageDraw.Draw(picture)
    for i, (title, _) in enumerate(columns):
        draw.text((i * width + 4, 1), title, fill="white")
        y = BAR
        for row in rows:
            picture.paste(row[i], (i * width + (width - row[i].width) // 2, y))
            y += row[i].height
    return picture


def _panel(scan: np.ndarray, mask: np.ndarray | None, axis: int, spacing: Sequence[float], top: float) -> Image.Image:
    """One projection along `axis`; the second remaining axis points up, the first to the left."""
    grey = np.clip(scan.max(axis=axis) / top, 0, 1) * 255  # (rows, columns) before turning
    rgb = np.repeat(grey[..., None], 3, axis=2)  # (., ., 3)
    if mask is not None:
        covered = np.any(mask > 0, axis=axis)  # as grey
        rgb[covered] = 0.35 * rgb[covered] + 0.65 * RED
    rgb = rgb[::-1, ::-1].swapaxes(0, 1)
    across, up = [spacing[i] for i in range(3) if i != axis]
    extent = np.array([rgb.shape[1] * across, rgb.shape[0] * up])  # mm
    width, height = np.maximum(1, np.round(extent * PANEL / extent.max())).astype(int)
    return Image.fromarray(rgb.astype(np.uint8)).resize((int(width), int(height)), Image.Resampling.BILINEAR)
