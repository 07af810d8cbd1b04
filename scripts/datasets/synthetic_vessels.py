"""Synthetic vessels in unlabelled crops: trees of 2D vessel masks, bent into 3D. Not in the paper."""

from __future__ import annotations

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.morphology import skeletonize
from torch import Tensor

from ..io.masks_2d import load_masks_2d
from ..io.user_error import BadInput
from ..networks.orientation import ORIENTATIONS, apply
from ..transforms.normalisation import BRIGHTEST
from ..transforms.smooth_noise import smooth_noise
from ..vessels.rasterise import rasterise_centreline, rasterise_segments, vessel_label
from .crop_and_overlap import CropAndOverlap
from .vessel_targets import vessel_targets

FINENESS = 2  # pixels of the drawn 2D patch per voxel: a centreline on whole voxels would be a staircase
THRESHOLD = 0.3  # of a resized patch: thin vessels stay, neighbours do not merge
RADIUS_FACTOR = (
    0.4,
    1.2,
)  # of the half width in 2D: vessels of other organs are drawn thicker than cerebral arteries
LEAST_RADIUS = (0.35, 0.6)  # voxels; thinner vessels cannot be seen
TILT, WAVES = 0.8, (0.05, 0.2)  # of the sheet, in half and in whole sides of the crop
WAVELENGTH = (5.0, 14.0)  # pixels, sigma of the waves
CONTRAST = (0.3, 4.0)  # of the thickest vessel in normalised intensity: faint in noise to the trunks of a TOF-MRA
VARIATION = 0.25  # relative, along a vessel
POINT_SPREAD = (0.3, 0.8)  # voxels, sigma


class SyntheticVessels:
    """Adds a few vessel trees to a crop and says what is then known of its voxels.

    A patch of a 2D mask is drawn as for Crop-and-Overlap and thinned. Its centreline is laid onto a random curved
    sheet, which gives every point a height; the radius is the half width of the 2D vessel, scaled at random. The tree
    is then flipped and rotated by one of the 48 orientations. Its contrast, and how fast that falls with the radius,
    are random too. Nothing is taken from scans or from the simulator of scans.

    Args:
        masks_dir: folder of 2D vessel masks of any organ; one mask is enough.
        size: S, side of the crops in voxels.
        trees: least and greatest number of trees in a crop; without any, the label is what is bright in the scan.
        scale: side of a patch, as fractions of its mask's shorter side.
        limit: use only the first `limit` masks; None uses all.
        bright, margin: see `vessel_targets`.

    Raises:
        ValueError: `trees` is not a range; and see `load_masks_2d` and `CropAndOverlap`.
    """

    def __init__(
        self,
        masks_dir: str,
        size: int,
        trees: tuple[int, int] = (1, 2),
        scale: tuple[float, float] = (0.4, 1.0),
        limit: int | None = None,
        bright: float = 1.6,
        margin: int = 0,
    ) -> None:
        if not 0 <= trees[0] <= trees[1]:
            raise BadInput(f"trees must be (least, greatest) with 0 <= least <= greatest, got {trees}.")
        self.masks = load_masks_2d(masks_dir)[:limit]
        self.size = size
        self.trees = trees
        self.bright = bright
        self.margin = margin
        self.patch = CropAndOverlap(FINENESS * size, patches=(1, 1), scale=scale, threshold=THRESHOLD)

    def __call__(self, crop: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """A copy of a normalised crop with vessels in its brain, label and weight of its voxels: (1, S, S, S) each."""
        image, mask = self.add(crop, rng)
        return image, *vessel_targets(crop, mask, self.bright, self.margin)

    def add(self, crop: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """A copy of a normalised crop with vessels in its brain, and where they are, bool: (1, S, S, S) each."""
        signal, mask = self.draw(rng)
        image = torch.where(crop == 0, 0.0, (crop + signal).clamp(max=BRIGHTEST))
        return image, mask & (crop != 0)

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """What the trees add to a normalised crop, float32, and where they are, bool: (1, S, S, S) each."""
        signal = torch.zeros((1, *[self.size] * 3))
        mask = torch.zeros((1, *[self.size] * 3), dtype=torch.bool)
        for _ in range(rng.integers(self.trees[0], self.trees[1], endpoint=True)):
            added, voxels = self._draw_tree(rng)
            signal = torch.maximum(signal, added)
            mask |= voxels
        return signal, mask

    def _draw_tree(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        patch = self.patch(self.masks, rng)[0].numpy() > 0.5  # (2 S, 2 S)
        pixels = np.argwhere(skeletonize(patch))  # (N, 2)
        on_line = tuple(pixels.T)
        half_width = distance_transform_edt(patch)[on_line] / FINENESS  # (N,) voxels
        radii = np.maximum(half_width * rng.uniform(*RADIUS_FACTOR), rng.uniform(*LEAST_RADIUS))
        points = np.column_stack([self._sheet(rng)[on_line], pixels / FINENESS])  # (N, 3) voxels
        variation = smooth_noise(patch.shape, 4.0 * FINENESS, rng)[on_line]
        faintness = (radii / max(radii.max(initial=0), 1e-6)) ** rng.uniform()  # thin vessels are fainter, or not
        contrast = np.exp(rng.uniform(*np.log(CONTRAST))) * faintness * np.exp(VARIATION * variation)  # (N,)

        a, b = neighbours(pixels, patch.shape).T  # (E,) each
        shape = (self.size,) * 3
        fraction, value = rasterise_segments(
            points[a], points[b], radii[a], radii[b], (contrast[a] + contrast[b]) / 2, shape
        )
        mask = vessel_label(fraction, rasterise_centreline(points[a], points[b], shape))
        signal = gaussian_filter(fraction * value, rng.uniform(*POINT_SPREAD))
        orientation = ORIENTATIONS[int(rng.integers(len(ORIENTATIONS)))]
        return apply(torch.from_numpy(signal)[None], orientation), apply(torch.from_numpy(mask)[None], orientation)

    def _sheet(self, rng: np.random.Generator) -> np.ndarray:
        """Height of the curved sheet over every pixel of a patch, voxels: (2 S, 2 S)."""
        side = FINENESS * self.size
        across = np.linspace(-1, 1, side)
        slope = self.size / 2 * rng.uniform(-TILT, TILT, 2)
        waves = self.size * rng.uniform(*WAVES) * smooth_noise((side, side), rng.uniform(*WAVELENGTH), rng)
        middle = self.size * rng.uniform(0.2, 0.8)
        return middle + slope[0] * across[:, None] + slope[1] * across + waves


def neighbours(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Rows of `pixels` (N, 2) that touch at a side or a corner, each pair once: (E, 2)."""
    row = np.full((shape[0] + 2, shape[1] + 2), -1)  # the rim makes bounds checks unnecessary
    row[tuple(pixels.T + 1)] = np.arange(len(pixels))
    pairs = []
    for step in ((0, 1), (1, 0), (1, 1), (1, -1)):
        other = row[tuple((pixels + 1 + step).T)]  # (N,)
        found = np.flatnonzero(other >= 0)
        pairs.append(np.column_stack([found, other[found]]))
    return np.concatenate(pairs)
