"""Reading the 2D vessel masks of another organ that guide stage 2."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from .user_error import BadInput, MissingInput

SUFFIXES = (".png", ".tif", ".tiff", ".gif", ".bmp", ".jpg", ".jpeg", ".pgm")
LEAST_VESSEL = 0.001  # masks with less would teach that empty projections are right
MOST_BETWEEN = 0.5  # of the pixels; outlines of anti-aliased masks are a few per cent, a photograph is all shades
MOST_VESSEL = 0.5  # retinal and coronary masks are 3 to 15 % vessel; above half, vessel and background are swapped


def load_masks_2d(masks_dir: str | Path) -> list[np.ndarray]:
    """Load every picture of a folder, in the order of the names, as a binary mask: (H, W) uint8, vessel 1.

    A mask is cut midway between its darkest and its brightest value. Transparency is ignored.

    Raises:
        FileNotFoundError: the folder does not exist or holds no picture.
        ValueError: a file is not a readable picture, has hardly any vessel pixel, is mostly vessel (an inverted mask),
            or is a photograph. All bad files are named.
    """
    folder = Path(masks_dir)
    if not folder.is_dir():
        raise MissingInput(f"No folder of 2D vessel masks at {folder}. Give masks_dir a folder of PNG or TIFF masks.")
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES and not f.name.startswith("."))
    if not files:
        raise MissingInput(f"No 2D vessel mask in {folder}: it holds no file ending in {', '.join(SUFFIXES)}.")
    masks, faults = [], []
    for file in files:
        try:
            masks.append(_load_mask(file))
        except ValueError as fault:
            faults.append(str(fault))
    if faults:
        raise BadInput("\n".join(faults))
    return masks


def _load_mask(file: Path) -> np.ndarray:
    try:
        with Image.open(file) as picture:
            # "L" would clip 16- and 32-bit grey values at 255, so only colours and palettes go through it.
            grey = np.asarray(picture if picture.mode[0] in "1LIF" and picture.mode != "LA" else picture.convert("L"))
    except Exception as error:  # PIL's decoders raise what their damaged bytes lead to
        raise BadInput(f"{file} cannot be read as a picture: {error}. Copy or save it anew.") from error
    if not np.isfinite(grey).all():
        raise BadInput(f"{file} holds pixels that are no numbers. Save it as an 8-bit mask.")
    darkest, brightest = float(grey.min()), float(grey.max())
    if brightest == darkest:
        raise BadInput(f"{file} shows no vessel: all its pixels are {grey.max()}. Take it out of the folder.")
    middle = (darkest + brightest) / 2
    between = np.abs(grey - middle) < 0.4 * (brightest - darkest)
    if between.mean() > MOST_BETWEEN:
        raise BadInput(f"{file} is all shades of grey. Is it a photograph? Give its vessel mask instead.")
    mask = (grey > middle).astype(np.uint8)  # (H, W)
    if mask.mean() > MOST_VESSEL:
        raise BadInput(
            f"{file} is {mask.mean():.0%} foreground, too much for vessels. Is it inverted? Vessels must be bright."
        )
    if mask.mean() < LEAST_VESSEL:
        raise BadInput(f"{file} shows hardly any vessel: {mask.sum()} pixels. Take it out of the folder.")
    return mask
