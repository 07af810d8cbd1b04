"""A brain of random cells: tissue that shares nothing with the other kinds but its brightness."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

CELLS = 1500  # in a brain, 1 cm across
GREY = (-0.5, 2.0)  # of a cell: from brighter than white matter to darker than grey matter
FLUID_SHARE = 0.08  # of the cells


def voronoi_brain_maps(
    points: np.ndarray, depth: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Fluid (0 to 1) and grey matter of a brain of Voronoi cells, float32 (X, Y, Z).

    Args:
        points: (X, Y, Z, 3) mm.
        depth: (X, Y, Z) mm below the brain's surface.
        rng: draws places and brightness of the cells.
    """
    inside = depth > -2
    brain = points[inside]  # (N, 3)
    seeds = brain[rng.integers(len(brain), size=CELLS)] + rng.normal(0, 1, (CELLS, 3))
    cell = cKDTree(seeds).query(brain)[1]  # (N,)
    fluid, grey = np.zeros_like(depth), np.zeros_like(depth)
    fluid[inside] = (rng.uniform(size=CELLS) < FLUID_SHARE)[cell]
    grey[inside] = rng.uniform(*GREY, CELLS)[cell]
    return fluid, grey
