"""Heads that differ as widely as scanners and people do, from nothing."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..transforms.brain_mask import estimate_brain_mask
from .arterial_tree import grow_arterial_tree
from .head_file import write_head
from .tof_mra import TofMraSimulator, random_streams

logger = logging.getLogger(__name__)

CONTRAST, THIN_SHARE = (1.2, 3.2), (0.15, 1.0)  # of a large artery; share of it that thin ones keep
VENOUS, MENINGEAL = (0.15, 1.3), (0.2, 1.3)
TERMINALS, RADIUS = (70, 170), (0.26, 0.55)  # number of ends of a tree, their radii in mm
NARROWEST = 0.08  # mm between least and greatest radius


def write_heads(output_dir: str, count: int = 32, mni_share: float = 0.4, spacing: float = 0.6, seed: int = 0) -> None:
    """Grow `count` trees and write a noise-free head around each, `output_dir/head_<n>.npz`; what is there stays.

    Every head draws its own arteries, contrasts and share of thin vessels' contrast, much more widely than
    `TofMraSimulator` by itself. No traced tree and no annotation is used.

    Args:
        output_dir: of the files, 20 MB each.
        count: number of heads.
        mni_share: of the heads whose tissue is the MNI152 average brain.
        spacing: mm.
        seed: of everything.
    """
    for index in tqdm(range(count), desc="heads", unit="head"):
        path = Path(output_dir) / f"head_{index:03d}.npz"
        if path.is_file():
            continue
        rng = np.random.default_rng([seed, index])
        low = rng.uniform(RADIUS[0], RADIUS[1] - NARROWEST)
        radius = low, rng.uniform(low + NARROWEST, RADIUS[1])
        tree = grow_arterial_tree((seed, index), int(rng.integers(*TERMINALS)), end_radius=radius)
        simulator = TofMraSimulator(
            spacing,
            contrast=(c := rng.uniform(*CONTRAST), c),
            venous_contrast=(v := rng.uniform(*VENOUS), v),
            meningeal_contrast=(m := rng.uniform(*MENINGEAL), m),
            tissue="mni" if rng.uniform() < mni_share else "procedural",
            thin_share=rng.uniform(*THIN_SHARE),
        )
        anatomy, vessels, scanner = random_streams((seed, index))
        parts = simulator.signal(tree, anatomy, vessels, scanner)
        estimated = estimate_brain_mask(simulator.acquire(parts, scanner), parts.spacing)
        write_head(parts, estimated, path)
