"""Centrelines as lines in space: their ends, their course, the radii along them."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

SMOOTHING = 1.5  # centreline points; a line that climbs from voxel to voxel is up to a tenth longer than its vessel
AVERAGING = 2.0  # centreline points; over fewer, the area of a few voxels depends on chance


def to_the_tip(line: np.ndarray, radius: float, beyond: np.ndarray, step: float) -> np.ndarray:
    """Lengthen a line (P, 3) whose vessel goes on beyond its end: thinning removes straight ends of even width.

    Args:
        line: centreline, mm.
        radius: at the end; a centreline ends this far before its vessel does.
        beyond: voxels of the mask that are nearest to the end, (V, 3) mm.
        step: between the points to add, mm.
    """
    beyond = beyond[(beyond - line[-1]) @ (line[-1] - line[-2]) > 0]
    if not len(beyond):
        return line
    middle = beyond.mean(axis=0) - line[-1]  # of what is left of the vessel
    missing = 2 * np.linalg.norm(middle) - radius
    if missing < step:
        return line
    count = int(missing / step)
    stations = np.arange(1, count + 1)[:, None] / count * missing
    return np.concatenate([line, line[-1] + stations * middle / np.linalg.norm(middle)])


def smooth(line: np.ndarray) -> np.ndarray:
    """Gaussian smoothing along a line (P, 3); its two ends stay: it continues point-symmetrically beyond them."""
    around = len(line) - 1
    if around < 2:
        return line
    longer = np.pad(line, ((around, around), (0, 0)), mode="reflect", reflect_type="odd")
    return gaussian_filter1d(longer, SMOOTHING, axis=0)[around:-around]


def mean_radii(lines: list[np.ndarray], mask: np.ndarray, volume: float) -> list[np.ndarray]:
    """Radii (P,) in mm along each line (P, 3): volume of the voxels nearest to a point over the length it stands for.

    A node, where vessels meet or end, takes the radius of the point beside it. A line of a single point, or without a
    point between its nodes, gets the radius of a ball of the volume nearest to it.

    Args:
        lines: centrelines, mm.
        mask: positions of the mask's voxels, (M, 3) mm.
        volume: of a voxel, mm3.
    """
    nearest = cKDTree(np.concatenate(lines)).query(mask)[1]  # (M,)
    volumes = volume * np.bincount(nearest, minlength=sum(map(len, lines)))  # mm3 of each point of all lines
    radii = []
    for line, around in zip(lines, np.split(volumes, np.cumsum([len(line) for line in lines])[:-1])):
        if len(line) < 3:
            radii.append(np.full(len(line), np.cbrt(3 * max(around.sum(), volume) / (4 * np.pi))))
            continue
        steps = np.linalg.norm(np.diff(line, axis=0), axis=1)  # (P - 1,)
        lengths = (steps[1:] + steps[:-1]) / 2  # (P - 2,)
        volume_here, length_here = (
            gaussian_filter1d(x, AVERAGING, mode="nearest") for x in (around[1:-1], lengths)
        )  # (P - 2,) each
        area = np.maximum(volume_here / length_here, volume ** (2 / 3) / np.sqrt(3))  # of a diagonal line of voxels
        radii.append(np.pad(np.sqrt(area / np.pi), 1, mode="edge"))
    return radii
