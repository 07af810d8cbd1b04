"""A data set in the layout of docs/train.md, small enough to train on in a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.phantom import RAS, grid, phantom, save

SHAPE = (48, 44, 40)


def tiny_dataset(root: Path) -> Path:
    """Two unlabelled scans, a labelled one each for validation and test, and one 2D mask; returns `root`."""
    affine = grid(RAS, (0.6, 0.6, 0.6), SHAPE)
    for split, name in (("training", "a"), ("training", "b"), ("validation", "c"), ("test", "d")):
        scan, vessel = phantom(affine, SHAPE)
        (root / split / "images").mkdir(parents=True, exist_ok=True)
        save(root / split / "images" / f"{name}.nii.gz", scan, affine)
        if split != "training":
            (root / split / "labels").mkdir()
            save(root / split / "labels" / f"{name}.nii.gz", vessel.astype(np.float32), affine)
    mask = np.zeros((60, 60), dtype=np.uint8)
    mask[28:32, 5:55] = mask[5:30, 20:23] = 255
    (root / "masks_2d").mkdir()
    Image.fromarray(mask).save(root / "masks_2d" / "tree.png")
    return root
