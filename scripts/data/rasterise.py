"""From a tree of tapered segments to voxels: partial volume by supersampling, truth and centreline."""

from __future__ import annotations

import numpy as np

SUBSAMPLES = 4  # per axis: the 64 sub-samples of a voxel are the 64 bits of one integer


def rasterise_segments(
    start: np.ndarray,
    end: np.ndarray,
    start_radius: np.ndarray,
    end_radius: np.ndarray,
    values: np.ndarray,
    shape: tuple[int, int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """Partial-volume fraction of the union of tapered capsules.

    Each capsule is worked out in its own window, so the cost follows the vessels and not the grid. Its 64 sub-samples
    per voxel are kept as bits: overlapping capsules unite by "or", and no volume is counted twice.

    Args:
        start, end: (S, 3) ends of the segments, in voxels (voxel centres are whole numbers).
        start_radius, end_radius: (S,) in voxels; the radius in between is linear.
        values: (S,) a quantity of each segment, such as its signal.
        shape: of the grid. What lies outside is cut off.

    Returns:
        fraction: float32, ``shape``, from 0 to 1.
        value: float32, ``shape``, the greatest value of the segments that touch a voxel, 0 elsewhere.
    """
    bits = np.zeros(shape, dtype=np.uint64)
    value = np.zeros(shape, dtype=np.float32)
    steps = (np.arange(SUBSAMPLES) + 0.5) / SUBSAMPLES - 0.5
    offsets = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)  # (64, 3)
    weights = np.uint64(1) << np.arange(len(offsets), dtype=np.uint64)  # (64,)
    half_diagonal = np.sqrt(3) / 2
    for a, b, radius_a, radius_b, signal in zip(start, end, start_radius, end_radius, values):
        reach = max(radius_a, radius_b) + 0.5
        low = np.maximum(np.ceil(np.minimum(a, b) - reach), 0).astype(int)
        high = np.minimum(np.floor(np.maximum(a, b) + reach) + 1, shape).astype(int)
        if (low >= high).any():
            continue
        axes = [np.arange(first, last) for first, last in zip(low, high)]
        centres = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)  # (V, 3)
        distance, _ = _distance_to_segment(centres, a, b)
        centres = centres[distance < max(radius_a, radius_b) + half_diagonal]
        if not len(centres):
            continue
        samples = centres[:, None] + offsets  # (V, 64, 3)
        distance, position = _distance_to_segment(samples, a, b)
        inside = distance <= radius_a + position * (radius_b - radius_a)  # (V, 64)
        mask = np.where(inside, weights, np.uint64(0)).sum(
            axis=1, dtype=np.uint64
        )  # distinct bits: the sum is the "or"
        touched = mask > 0
        voxels = tuple(centres[touched].T)
        bits[voxels] |= mask[touched]
        value[voxels] = np.maximum(value[voxels], signal)
    fraction = np.bitwise_count(bits).astype(np.float32) / len(offsets)
    return fraction, value


def rasterise_centreline(start: np.ndarray, end: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Voxels that the axes of the segments pass through (sampled every quarter voxel), bool, ``shape``.

    Args:
        start, end: (S, 3) in voxels.
        shape: of the grid.
    """
    line = np.zeros(shape, dtype=bool)
    for a, b in zip(start, end):
        count = int(np.ceil(np.linalg.norm(b - a) * 4)) + 1
        voxels = np.rint(a + np.linspace(0, 1, count)[:, None] * (b - a)).astype(int)  # (count, 3)
        voxels = voxels[((voxels >= 0) & (voxels < shape)).all(axis=1)]
        line[tuple(voxels.T)] = True
    return line


def vessel_truth(fraction: np.ndarray, centreline: np.ndarray) -> np.ndarray:
    """The annotation: voxels at least half vessel, plus the centreline (vessels thinner than a voxel stay whole)."""
    return (fraction >= 0.5) | centreline


def _distance_to_segment(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance of points (..., 3) to the segment a-b, and where along it (0 to 1) the nearest point lies."""
    axis = b - a
    position = np.clip((points - a) @ axis / max(float(axis @ axis), 1e-12), 0, 1)
    nearest = a + position[..., None] * axis
    return np.sqrt(((points - nearest) ** 2).sum(axis=-1)), position
