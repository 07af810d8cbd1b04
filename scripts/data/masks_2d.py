"""Reading the 2D vessel masks of another organ that guide stage 2."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SUFFIXES = (".png", ".tif", ".tiff", ".gif", ".bmp", ".jpg", ".jpeg", ".pgm")
MOST_VESSEL = 0.5  # retinal and coronary masks are 3 to 15 % vessel; above half, vessel and background are swapped


def load_masks_2d(masks_dir: str | Path) -> list[np.ndarray]:
    """Load every picture of a folder, in the order of the names, as a binary mask: (H, W) uint8, vessel 1.

    A mask of two values keeps its brighter one, also where they are 0 and 1; an anti-aliased, compressed or coloured
    one is cut at half of its brightest value. Transparency is ignored.

    Raises:
        FileNotFoundError: the folder does not exist or holds no picture.
        ValueError: a file is no readable picture, has no vessel pixel, or is mostly vessel (an inverted mask).
    """
    folder = Path(masks_dir)
    if not folder.is_dir():
        raise FileNotFoundError(
            f"No folder of 2D vessel masks at {folder}. Give masks_dir a folder of PNG or TIFF masks."
        )
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES and not f.name.startswith("."))
    if not files:
        raise FileNotFoundError(f"No 2D vessel mask in {folder}: it holds no file ending in {', '.join(SUFFIXES)}.")
    return [_load_mask(file) for file in files]


def _load_mask(file: Path) -> np.ndarray:
    try:
        with Image.open(file) as picture:
            # "L" would clip 16- and 32-bit grey values at 255, so only colours and palettes go through it.
            grey = np.asarray(picture if picture.mode[0] in "1LIF" and picture.mode != "LA" else picture.convert("L"))
    except OSError as error:
        raise ValueError(f"{file} cannot be read as a picture: {error}") from error
    if grey.max() == grey.min():
        raise ValueError(f"{file} shows no vessel: all its pixels are {grey.max()}. Take it out of the folder.")
    mask = (grey > grey.max() / 2).astype(np.uint8)  # (H, W)
    if mask.mean() > MOST_VESSEL:
        raise ValueError(
            f"{file} is {mask.mean():.0%} foreground, too much for vessels. Is it inverted? Vessels must be bright."
        )
    return mask
