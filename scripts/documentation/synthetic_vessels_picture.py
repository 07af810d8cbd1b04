"""The picture of docs/method.md that shows how vessels of a 2D mask are added to a crop of a scan."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from PIL import Image

from ..datasets.synthetic_vessels import SyntheticVessels
from ..simulation.tree_masks import draw_tree_mask
from ..transforms.preprocessing import preprocessing
from .demo_pictures import NAME, ORANGE, RED
from .panels import axial, coloured, grey, write_panels

SIZE = 96  # voxels, side of the crop
SPACING = 0.6  # mm
SEED = 9  # of a draw whose vessels are bright enough to be seen in a picture
WHITE_FROM = 3.0  # normalised intensity


def write_synthetic_vessels(demo: Path, path: Path) -> None:
    """A generated 2D mask, a crop of the demo's scan, the crop with vessels added, and what is taken for vessel."""
    mask = draw_tree_mask(SEED)  # (H, W) bool
    crop = _crop(demo)  # (1, S, S, S)
    with TemporaryDirectory() as folder:
        Image.fromarray(mask.astype(np.uint8) * 255).save(Path(folder) / "mask.png")
        vessels = SyntheticVessels(folder, size=SIZE, trees=(1, 1), margin=5)
    image, added = vessels.add(crop, np.random.default_rng(SEED))
    label = vessels(crop, np.random.default_rng(SEED))[1] > 0
    before, after = (grey(_projection(volume), WHITE_FROM) for volume in (crop, image))
    layers = [(_projection(kind.float()) > 0, colour) for kind, colour in ((label, ORANGE), (added, RED))]
    panels = [
        ("a 2D vessel mask", mask.astype(float)),
        ("crop of an unlabelled scan", before),
        ("the same with vessels added", after),
        ("taken for vessel: added red, bright orange", coloured(0.4 * after, layers)),
    ]
    write_panels(path, panels, height=3.6)


def _crop(demo: Path) -> torch.Tensor:
    """The middle of the demo's brain, normalised as for a training: (1, S, S, S)."""
    folders = {"image": "images", "brain_mask": "brain_masks"}
    case = {key: str(demo / "test" / folder / f"{NAME}.nii.gz") for key, folder in folders.items()}
    volume = preprocessing(SPACING)(case)["image"].as_tensor()  # (1, D, H, W)
    d, h, w = ((side - SIZE) // 2 for side in volume.shape[1:])
    return volume[:, d : d + SIZE, h : h + SIZE, w : w + SIZE]


def _projection(volume: torch.Tensor) -> np.ndarray:
    return axial(volume[0].amax(dim=2).numpy())
