"""The range of the scans that the shipped weights were trained on: `python -m scripts.benchmark.trained_range HEADS`.

HEADS is what configs/heads.yaml wrote. Of every head one scan is made by a scanner as the training draws them. The
result, JSON, stands in models/model.json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from monai.data import MetaTensor

from ..datasets.random_scanner import RESOLUTION, RandomScanner, Sample
from ..datasets.random_view import SIDES
from ..simulation.head_file import HeadFile, read_head
from ..transforms.trained_range import measures

SPACING = 0.6  # mm, of the heads
SEED = 77


def measured_range(heads: Iterable[HeadFile]) -> dict[str, list[float | None]]:
    """Least and greatest noise and contrast of scans of heads; voxels and field of view as the training draws them.

    The largest voxel is that of its coarsest grid, the smallest field of view that of its smallest part of a head.
    """
    found = [scan_measures(head, np.random.default_rng([SEED, index, 0])) for index, head in enumerate(heads)]
    ranges = {name: [scan[name] for scan in found] for name in ("noise", "contrast")}
    return {
        "voxel_size": [None, round(SPACING / RESOLUTION[0], 3)],
        "field_of_view": [SIDES[0], None],
        **{name: [round(min(values), 3), round(max(values), 3)] for name, values in ranges.items()},
    }


def scan_measures(head: HeadFile, rng: np.random.Generator) -> dict[str, float]:
    """`measures` of one scan of a head, within its exact brain mask."""
    positions = np.ix_(*[np.linspace(0, 1, side) for side in head.bare.shape])
    sample = Sample(head.bare, head.veins, head.blood, list(positions))
    scan, _ = RandomScanner(rng).acquire(sample)
    image = MetaTensor(torch.from_numpy(scan[None]), affine=torch.diag(torch.tensor([SPACING] * 3 + [1.0])))
    return measures(image, head.depth > 0)


if __name__ == "__main__":
    files = sorted(Path(sys.argv[1]).glob("head_*.npz"))
    print(json.dumps({"trained_range": measured_range(read_head(file) for file in files)}))
