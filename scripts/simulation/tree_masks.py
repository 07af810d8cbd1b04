"""Generated 2D vessel masks that look like labelled coronary angiograms."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

FRACTION = (0.03, 0.11)  # of the pixels, vessel
OVERSAMPLING = 3  # drawn three times as large, then reduced: smooth outlines


def draw_tree_mask(seed: int | tuple[int, ...], size: int = 300) -> np.ndarray:
    """Draw one to three vessel trees, thick at the trunk and thin at the ends.

    Branches grow step by step in a randomly changing direction and split by Murray's law, r0^3 = r1^3 + r2^3 (Murray,
    1926).
    Trees are added until the share of vessel is reached.

    Args:
        seed: it alone decides the mask.
        size: side of the square mask, pixels.

    Returns:
        bool, (size, size).
    """
    rng = np.random.default_rng(seed)
    target = rng.uniform(*FRACTION) * 0.95
    canvas = Image.new("L", (size * OVERSAMPLING, size * OVERSAMPLING))
    pen = ImageDraw.Draw(canvas)
    mask = np.zeros((size, size), dtype=bool)
    while mask.mean() < target:
        side = rng.integers(4)
        along = rng.uniform(0.15, 0.85)
        start = np.array([(along, 0.02), (0.98, along), (along, 0.98), (0.02, along)][side]) * size
        inward = np.arctan2(*(np.array([size, size]) / 2 - start)[::-1]) + rng.normal(0, 0.4)
        branches = [(start, inward, size * rng.uniform(0.010, 0.017))]
        while branches and mask.mean() < target:
            branches = _grow_branch(pen, *branches[0], size, rng) + branches[1:]
            branches.sort(key=_radius, reverse=True)  # thick branches first: a full mask lacks thin ends alone
            mask = np.asarray(canvas.resize((size, size), Image.Resampling.BOX)) >= 128
    return mask


def _grow_branch(
    pen: ImageDraw.ImageDraw,
    position: np.ndarray,
    heading: float,
    radius: float,
    size: int,
    rng: np.random.Generator,
) -> list[tuple[np.ndarray, float, float]]:
    """Draw one branch up to where it splits, and return its children: (position, heading, radius)."""
    turn = 0.0
    for _ in range(int(rng.uniform(8, 22))):
        turn = 0.7 * turn + rng.normal(0, 0.07)
        heading += turn
        position = position + 2.0 * np.array([np.cos(heading), np.sin(heading)])
        corner, reach = position * OVERSAMPLING, radius * OVERSAMPLING
        pen.ellipse([*(corner - reach), *(corner + reach)], fill=255)
        if not (0 < position[0] < size and 0 < position[1] < size):
            return []
    share = rng.uniform(0.5, 0.95)  # of the flow, hence of the cubed radius, to the first child
    side = rng.choice([-1, 1])
    children = [
        (position, heading - side * rng.uniform(0.1, 0.4) * (1 - share) * 2, radius * share ** (1 / 3)),
        (position, heading + side * rng.uniform(0.5, 1.1), radius * (1 - share) ** (1 / 3)),
    ]
    return [child for child in children if child[2] > size * 0.0022]


def _radius(branch: tuple[np.ndarray, float, float]) -> float:
    return branch[2]
