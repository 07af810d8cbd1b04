"""Density and thickness of reference masks and of true projections, for a user who wants them to match."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from monai.transforms import Spacing
from scipy.ndimage import distance_transform_edt
from skimage.morphology import skeletonize

from ..cases.scan_files import FORMATS, volumes_in
from ..io.markdown_table import markdown_table
from ..io.masks_2d import load_masks_2d
from ..io.user_error import BadInput, MissingInput
from ..io.volumes import read_volume, reorient_to_ras
from .crop_and_overlap import CropAndOverlap

PERCENTILES = (10, 50, 90)


def density(picture: np.ndarray) -> float:
    """Fraction of a binary picture (H, W) that is vessel."""
    return float(picture.mean())


def thickness(picture: np.ndarray) -> float:
    """Mean radius, in pixels, of the vessels of a binary picture (H, W): half widths along the skeleton.

    A line n pixels wide has the radius n / 2 (for odd n). NaN when the picture is empty.
    """
    if not picture.any():
        return float("nan")
    distance = distance_transform_edt(picture)  # (H, W), from a pixel's centre to the nearest background's centre
    return float(distance[skeletonize(picture)].mean() - 0.5)


def random_projections(label: np.ndarray, size: int, number: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Maximum intensity projections of random crops of a label (D, H, W): (size, size) bool, three from each crop.

    The crops' centres are spread evenly over the box around the vessels; a crop beyond the volume is filled with 0.
    """
    padded = np.pad(label > 0, size // 2)
    vessels = np.argwhere(label > 0)
    projections = []
    for _ in range(number):
        start = rng.integers(vessels.min(axis=0), vessels.max(axis=0), endpoint=True)
        crop = padded[tuple(slice(first, first + size) for first in start)]  # (size, size, size)
        projections += [crop.max(axis=axis) for axis in range(3)]
    return projections


def load_label(file: Path, spacing: float) -> np.ndarray:
    """Load a label on an isotropic RAS grid of `spacing` mm: (D, H, W) bool.

    Raises:
        ValueError: it has no vessel voxel.
    """
    label = np.asarray(Spacing(spacing, mode="nearest")(reorient_to_ras(read_volume(str(file)))))[0] > 0
    if not label.any():
        raise BadInput(f"{file} has no vessel voxel (at {spacing} mm). Is it a label?")
    return label


def table(rows: dict[str, Sequence[np.ndarray]]) -> str:
    """Format density and thickness of named sets of binary pictures as a Markdown table."""
    lines = []
    for measure, name in ((density, "density, fraction"), (thickness, "thickness, mean radius in pixels")):
        for source, pictures in rows.items():
            values = np.array([measure(picture) for picture in pictures])
            statistics = [np.nanmean(values), *np.nanpercentile(values, PERCENTILES)]
            lines.append([source, name, *(f"{value:.3f}" for value in statistics)])
    return markdown_table(["pictures", "", "mean", *(f"{p} %" for p in PERCENTILES)], lines)


def print_reference_statistics(
    masks_dir: str, labels_dir: str, crop_and_overlap: CropAndOverlap, spacing: float, crops: int, seed: int = 0
) -> None:
    """Print density and thickness of reference masks and of projections of label crops.

    Args:
        masks_dir: folder of 2D vessel masks.
        labels_dir: folder of label volumes, simulated or labelled.
        crop_and_overlap: draws the reference masks; its `size` is the side of the crops too.
        spacing: that of the crops in training, mm.
        crops: number of crops, each with three projections; as many references are drawn as there are projections.
        seed: of both draws.

    Raises:
        FileNotFoundError: there is no mask or no label.
    """
    masks = load_masks_2d(masks_dir)
    files = volumes_in(Path(labels_dir))
    if not files:
        raise MissingInput(f"No label volume ({', '.join(FORMATS)}) in {labels_dir}.")
    rng = np.random.default_rng(seed)
    each = -(-crops // len(files))  # rounded up
    projections: list[np.ndarray] = []
    for file in files:
        projections += random_projections(load_label(file, spacing), crop_and_overlap.size, each, rng)
    references = [crop_and_overlap(masks, rng)[0].numpy() > 0.5 for _ in projections]
    print(table({f"{len(projections)} projections of labels": projections, "as many reference masks": references}))
