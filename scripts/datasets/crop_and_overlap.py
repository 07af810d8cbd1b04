"""Crop-and-Overlap (section III-C): reference masks for the discriminator, drawn from a set of 2D vessel masks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import distance_transform_edt
from scipy.special import ndtr

from ..io.user_error import BadInput

DRAWS = 10  # a patch with hardly any vessel is drawn again, but not for ever: all masks may be nearly empty
LEAST_VESSEL = 0.01  # fraction of a patch; an empty reference would teach that an empty projection is real


class CropAndOverlap:
    """Draw one reference mask r': the union of a few square patches cropped from randomly chosen 2D vessel masks.

    A patch is rotated by any angle, perhaps mirrored, resized with anti-aliasing and thresholded low, so that a vessel
    thinner than an output pixel survives. With the default `soft_edge` and `intensity` r' is binary, as in the paper.

    Args:
        size: side of r' in pixels, that of the crops whose projections it is compared with.
        patches: least and greatest number of patches in one r'; more patches make it denser.
        scale: least and greatest side of a patch, as fractions of its mask's shorter side; a smaller patch is
            magnified more, so its vessels get thicker. A rotated patch that would not fit is made smaller.
        threshold: a pixel is vessel where more than this fraction of it is.
        soft_edge: width (standard deviation, in pixels) of the edge between vessel and background. The half level of
            a soft edge is the edge of the binary mask: thresholding at 0.5 gives the binary r' back.
        intensity: least and greatest brightness; it varies smoothly over each patch.

    Raises:
        ValueError: a setting is out of its range.

    Source: Chen, Wang, Wang 2023, section III-C. Soft edges and intensities are not in the paper: they remove the
    difference between binary references and soft projections, which a discriminator would learn first.
    """

    def __init__(
        self,
        size: int,
        patches: tuple[int, int] = (1, 4),
        scale: tuple[float, float] = (0.25, 0.6),
        threshold: float = 0.2,
        soft_edge: float = 0.0,
        intensity: tuple[float, float] = (1.0, 1.0),
    ) -> None:
        if size < 1:
            raise BadInput(f"size must be at least 1 pixel, got {size}.")
        if not 1 <= patches[0] <= patches[1]:
            raise BadInput(f"patches must be (least, greatest) with 1 <= least <= greatest, got {patches}.")
        if not 0 < scale[0] <= scale[1] <= 1:
            raise BadInput(f"scale must be (least, greatest) with 0 < least <= greatest <= 1, got {scale}.")
        if not 0 <= threshold < 1:
            raise BadInput(f"threshold must be a fraction in [0, 1), got {threshold}.")
        if soft_edge < 0:
            raise BadInput(f"soft_edge must not be negative, got {soft_edge}.")
        if not 0 < intensity[0] <= intensity[1] <= 1:
            raise BadInput(f"intensity must be (least, greatest) with 0 < least <= greatest <= 1, got {intensity}.")
        self.size = size
        self.patches = patches
        self.scale = scale
        self.threshold = threshold
        self.soft_edge = soft_edge
        self.intensity = intensity

    def __call__(self, masks: Sequence[np.ndarray], rng: np.random.Generator) -> torch.Tensor:
        """Draw one reference mask, (1, size, size) float32 in [0, 1], from binary uint8 masks (H, W) of any size.

        Raises:
            ValueError: there is no mask.
        """
        if not len(masks):
            raise BadInput("Crop-and-Overlap needs at least one 2D vessel mask.")
        reference = np.zeros((self.size, self.size), dtype=np.float32)  # (size, size)
        for _ in range(rng.integers(self.patches[0], self.patches[1], endpoint=True)):
            patch = self._vessel_patch(masks, rng)  # (size, size) bool
            np.maximum(reference, self._render(patch, rng), out=reference)
        return torch.from_numpy(reference[None])  # (1, size, size)

    def _vessel_patch(self, masks: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
        """Return the first patch with enough vessel in it, or the fullest of `DRAWS`: (size, size) bool."""
        fullest = np.zeros((self.size, self.size), dtype=bool)
        for _ in range(DRAWS):
            patch = self._random_patch(masks[int(rng.integers(len(masks)))], rng)
            if patch.sum() > fullest.sum():
                fullest = patch
            if fullest.mean() >= LEAST_VESSEL:
                break
        return fullest

    def _random_patch(self, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Crop a square at random, rotate it by a random angle and resize it: (size, size) bool."""
        angle = rng.uniform(0, 360)
        widening = abs(np.cos(np.deg2rad(angle))) + abs(np.sin(np.deg2rad(angle)))  # upright square around the rotated
        shorter = min(mask.shape)
        side = min(max(round(rng.uniform(*self.scale) * shorter * widening), 1), shorter)
        top, left = (rng.integers(0, length - side, endpoint=True) for length in mask.shape)
        crop = Image.fromarray(mask[top : top + side, left : left + side] * np.uint8(255))
        around = int(np.ceil(self.size * widening)) + 2  # + 2: rotating leaves an unclean rim
        # Resized before it is rotated: a small picture is cheaper to rotate, and the resizing does the anti-aliasing.
        resized = crop.resize((around, around), Image.Resampling.BILINEAR)
        rotated = np.asarray(resized.rotate(angle, Image.Resampling.BILINEAR))
        margin = (around - self.size) // 2
        patch = rotated[margin : margin + self.size, margin : margin + self.size] > self.threshold * 255
        return patch[:, ::-1] if rng.random() < 0.5 else patch

    def _render(self, patch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Turn a binary patch into one with soft edges and smoothly varying brightness: (size, size) float32."""
        values = patch.astype(np.float32)
        if self.soft_edge > 0 and patch.any() and not patch.all():
            # Signed distance to the edge; a pixel's centre is half a pixel inside or outside of it.
            distance = np.where(patch, distance_transform_edt(patch) - 0.5, 0.5 - distance_transform_edt(~patch))
            values = ndtr(distance / self.soft_edge).astype(np.float32)
        if self.intensity[0] < self.intensity[1]:
            coarse = Image.fromarray(rng.uniform(*self.intensity, size=(4, 4)).astype(np.float32))
            values *= np.asarray(coarse.resize(patch.shape, Image.Resampling.BILINEAR))
        return values
