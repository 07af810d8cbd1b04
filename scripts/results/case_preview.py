"""A picture of a result: maximum intensity projections along three axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PANEL = 384  # pixels, longest side of all projections
FONT = 20  # pixels; the report shows pictures at about two thirds of their size
BAR = 26  # pixels, for a column's title
RED, WHITE = np.array([255, 40, 40]), np.array([255, 255, 255])
ORANGE, BLUE = np.array([230, 159, 0]), np.array([86, 180, 233])  # told apart by the colour-blind, too

Layer = tuple[np.ndarray, np.ndarray]  # a mask and its colour


def case_preview(
    scan: np.ndarray, vessels: np.ndarray, spacing: Sequence[float], label: np.ndarray | None = None
) -> Image.Image:
    """Rows: axial, coronal, sagittal projection. Columns: scan, vessels; with a label, it and the errors, too.

    Of the errors, false vessels are orange and missed ones blue (paper, Figs. 4 and 6), rightly found ones white and in
    front: a trunk whose surface is a voxel off does not look false as a whole.
    The patient's right is on the left of the axial and coronal picture, anterior on the left of the sagittal one, as
    letters say. All have one scale.

    Args:
        scan: (D, H, W), orientation RAS, 0 outside the brain.
        vessels: binary, same shape.
        spacing: voxel size, mm, so that pixels are square.
        label: binary, same shape.
    """
    columns: list[tuple[str, list[Layer]]] = [("scan", []), ("vessels", [(vessels > 0, RED)])]
    if label is not None:
        found, true = vessels > 0, label > 0
        errors = [(found & ~true, ORANGE), (true & ~found, BLUE), (found & true, WHITE)]
        columns += [("label", [(true, RED)]), ("false orange, missed blue", errors)]
    top = max(float(np.percentile(scan.max(axis=2), 99.5)), 1e-6)  # a few brightest voxels may saturate
    scale = PANEL / max(side * step for side, step in zip(scan.shape, spacing))  # pixels per mm
    size = [scale * step for step in spacing]  # of a voxel, pixels
    rows = [[_panel(scan, layers, axis, size, top) for _, layers in columns] for axis in (2, 1, 0)]
    width = max(panel.width for row in rows for panel in row)
    picture = Image.new("RGB", (width * len(columns), BAR + sum(row[0].height for row in rows)))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(FONT)
    for i, (title, _) in enumerate(columns):
        draw.text((i * width + 4, 1), title, fill="white", font=font)
        y = BAR
        for row, letter in zip(rows, "RRA"):  # what is on the left
            picture.paste(row[i], (i * width + (width - row[i].width) // 2, y))
            draw.text((i * width + 4, y + row[i].height // 2), letter, fill="white", font=font, anchor="lm")
            y += row[i].height
    return picture


def _panel(scan: np.ndarray, layers: list[Layer], axis: int, size: Sequence[float], top: float) -> Image.Image:
    """Projection along `axis`, voxels of `size` pixels: of the axes left over the second points up, the first left.

    A later one of `layers` covers an earlier one.
    """
    grey = np.clip(scan.max(axis=axis) / top, 0, 1) * 255  # (rows, columns) before turning
    rgb = np.repeat(grey[..., None], 3, axis=2)  # (., ., 3)
    for mask, colour in layers:
        covered = np.any(mask, axis=axis)  # as grey
        rgb[covered] = 0.35 * grey[covered, None] + 0.65 * colour
    rgb = rgb[::-1, ::-1].swapaxes(0, 1)
    across, up = [size[i] for i in range(3) if i != axis]
    width, height = (max(1, round(n * pixels)) for n, pixels in ((rgb.shape[1], across), (rgb.shape[0], up)))
    return Image.fromarray(rgb.astype(np.uint8)).resize((width, height), Image.Resampling.BILINEAR)
