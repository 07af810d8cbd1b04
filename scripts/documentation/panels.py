"""Projections and slices beside each other, as PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .figure_file import write_figure

Panel = tuple[str, np.ndarray]  # title, and a picture in [0, 1]: grey (H, W) or RGB (H, W, 3)


def axial(picture: np.ndarray) -> np.ndarray:
    """A picture with axes (R, A[, colour]) as radiologists see it: anterior up, the patient's right on the left."""
    return picture[::-1, ::-1].swapaxes(0, 1)


def grey(values: np.ndarray, brightest: float) -> np.ndarray:
    """Grey values in [0, 1], white from `brightest` on."""
    return np.clip(values / brightest, 0, 1)


def coloured(picture: np.ndarray, layers: Sequence[tuple[np.ndarray, Sequence[float]]]) -> np.ndarray:
    """RGB (H, W, 3) of a grey picture (H, W) on which masks (H, W) lie in their colours, a later one on top."""
    rgb = np.repeat(picture[..., None], 3, axis=2)
    for mask, colour in layers:
        rgb[mask] = 0.25 * rgb[mask] + 0.75 * np.asarray(colour)
    return rgb


def write_panels(path: Path, panels: Sequence[Panel], height: float = 4.4) -> None:
    """Write panels in a row on black, each under its title, `height` inches high.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # here and not above: it is a dependency of developers alone

    ratios = [picture.shape[1] / picture.shape[0] for _, picture in panels]
    figure = Figure(figsize=(sum(ratios) * height, height + 0.3), facecolor="black", layout="constrained")
    grid = figure.subplots(1, len(panels), width_ratios=ratios)
    for axes, (title, picture) in zip(grid, panels):
        axes.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="bilinear")
        axes.set_title(title, color="white", fontsize=11)
        axes.axis("off")
    write_figure(figure, path)
