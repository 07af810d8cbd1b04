"""A volume to measure on: an ellipsoid of brain with arteries in it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor

from ..io.user_error import BadInput
from ..simulation.arterial_tree import SEMI_AXES, grow_arterial_tree
from ..transforms.normalisation import NormaliseInBraind
from ..vessels.rasterise import rasterise_segments
from ..vessels.swc import to_ras

TISSUE, NOISE = 300.0, 36.0  # signal of the brain and standard deviation of noise, as in the simulated scans
ARTERY = 2.4  # signal of arteries above that of tissue, relative to it
SLAB = 16  # planes that are computed at once

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Phantom:
    """A scan, int16, and its brain mask, uint8, (D, H, W) each; voxels of `spacing` mm."""

    scan: np.ndarray
    brain_mask: np.ndarray
    spacing: float

    def normalised(self) -> np.ndarray:
        """The scan as the preprocessing gives it at its own spacing, without cropping: float32, (D, H, W)."""
        volumes = {"image": self.scan.astype(np.float32)[None], "brain_mask": self.brain_mask[None]}
        case: dict[Hashable, Any] = {key: MetaTensor(torch.from_numpy(volume)) for key, volume in volumes.items()}
        return NormaliseInBraind("image")(case)["image"][0].numpy()


def brain_phantom(shape: Shape, spacing: float, brain_share: float = 0.4, seed: int = 0) -> Phantom:
    """An ellipsoid that fills a share of the volume, with a grown arterial tree stretched over it, and noise.

    It has the size and the vessels of a scan, but is easy to segment: it is for measuring time, not scores.

    Args:
        shape: of the volume, voxels.
        spacing: mm.
        brain_share: of the volume, at most pi / 6.
        seed: of tree and noise.

    Raises:
        ValueError: an ellipsoid of that share does not fit.
    """
    if not 0 < brain_share <= math.pi / 6:
        raise BadInput(f"brain_share must lie in (0, {math.pi / 6:.3f}], got {brain_share}.")
    centre = (np.array(shape) - 1) / 2
    semi_axes = np.array(shape) / 2 * np.cbrt(brain_share / (math.pi / 6))  # voxels
    tree = grow_arterial_tree(seed)
    start, end = tree.segments()
    voxels = centre + to_ras(tree.points) / SEMI_AXES * semi_axes
    radii = tree.radii / spacing
    ones = np.ones(len(start))
    fraction, _ = rasterise_segments(voxels[start], voxels[end], radii[start], radii[end], ones, shape)
    rng = np.random.default_rng(seed)
    scan = np.empty(shape, dtype=np.int16)
    mask = np.empty(shape, dtype=np.uint8)
    across = sum(_squares(shape, centre, semi_axes, axis) for axis in (1, 2))  # (1, H, W)
    along = _squares(shape, centre, semi_axes, 0)  # (D, 1, 1)
    for first in range(0, shape[0], SLAB):
        slab = slice(first, first + SLAB)
        mask[slab] = along[slab] + across <= 1
        signal = TISSUE * (0.1 + 0.9 * mask[slab]) * (1 + ARTERY * fraction[slab] * mask[slab])
        scan[slab] = signal + NOISE * rng.standard_normal(signal.shape, dtype=np.float32)
    return Phantom(scan, mask, spacing)


def _squares(shape: Sequence[int], centre: np.ndarray, semi_axes: np.ndarray, axis: int) -> np.ndarray:
    """((i - centre) / semi-axis)^2 along an axis, of a shape that broadcasts over the volume."""
    line = ((np.arange(shape[axis]) - centre[axis]) / semi_axes[axis]) ** 2
    return line.reshape([-1 if other == axis else 1 for other in range(3)])
