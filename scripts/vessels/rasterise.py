"""From a tree of tapered segments to voxels: partial volume by supersampling, label and centreline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SUBSAMPLES = 4  # per axis: the 64 sub-samples of a voxel are the 64 bits of one integer
STEPS = (np.arange(SUBSAMPLES) + 0.5) / SUBSAMPLES - 0.5
OFFSETS = np.stack(np.meshgrid(STEPS, STEPS, STEPS, indexing="ij"), axis=-1).reshape(-1, 3)  # (64, 3)
CENTRE = np.zeros((1, 3))
HALF_DIAGONAL = np.sqrt(3) / 2
PAIRS = 8192  # of a segment and a voxel of its window, computed at a time: they fit into the processor's cache


def rasterise_segments(
    start: np.ndarray,
    end: np.ndarray,
    start_radius: np.ndarray,
    end_radius: np.ndarray,
    values: np.ndarray,
    shape: tuple[int, int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """Partial-volume fraction of the union of tapered capsules.

    Each capsule is computed in its own window, so the cost grows with the vessels and not with the grid; many capsules
    are computed at a time. The 64 sub-samples of a voxel are kept as bits: overlapping capsules unite by "or", and no
    volume is counted twice.

    Args:
        start, end: (S, 3) ends of the segments, in voxels (voxel centres are whole numbers).
        start_radius, end_radius: (S,) in voxels; the radius in between is linear.
        values: (S,) a quantity of each segment, such as its signal.
        shape: of the grid; parts outside are cut off.

    Returns:
        fraction: float32, `shape`, from 0 to 1.
        value: float32, `shape`, the greatest value of the segments that touch a voxel, 0 elsewhere.
    """
    bits = np.zeros(np.prod(shape), dtype=np.uint64)
    value = np.zeros(np.prod(shape), dtype=np.float32)
    axis = end - start
    reach = np.maximum(start_radius, end_radius)[:, None] + 0.5
    low = np.maximum(np.ceil(np.minimum(start, end) - reach), 0).astype(int)  # (S, 3), first voxel of each window
    sides = np.minimum(np.floor(np.maximum(start, end) + reach) + 1, shape).astype(int) - low
    sides = sides.clip(min=0)
    voxels = sides.prod(axis=1)
    ends = np.searchsorted(np.cumsum(voxels), range(PAIRS, voxels.sum(), PAIRS))
    for segments in np.split(np.arange(len(start)), ends):
        segment, index = _counted(segments, voxels[segments])  # (P,) each: pairs of segment and voxel
        side = sides[segment]
        steps = [index // (side[:, 1] * side[:, 2]), index // side[:, 2] % side[:, 1], index % side[:, 2]]
        voxel = low[segment] + np.stack(steps, axis=1)  # (P, 3)
        widest = np.maximum(start_radius, end_radius)[segment] + HALF_DIAGONAL
        near = _nearer_than(voxel - start[segment], axis[segment], (widest, widest), CENTRE)[:, 0]
        segment, voxel = segment[near], voxel[near]
        radius = start_radius[segment], end_radius[segment]
        inside = _nearer_than(voxel - start[segment], axis[segment], radius, OFFSETS)  # (P, 64)
        mask = np.packbits(inside, axis=1).view(np.uint64)[:, 0]
        touched = mask > 0
        flat = np.ravel_multi_index(voxel[touched].T, shape)
        np.bitwise_or.at(bits, flat, mask[touched])
        np.maximum.at(value, flat, values[segment[touched]].astype(np.float32))
    fraction = np.bitwise_count(bits).astype(np.float32) / len(OFFSETS)
    return fraction.reshape(shape), value.reshape(shape)


def rasterise_centreline(start: np.ndarray, end: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Voxels that the axes of the segments pass through (sampled every quarter voxel), bool, `shape`.

    Args:
        start, end: (S, 3) in voxels.
        shape: of the grid.
    """
    line = np.zeros(shape, dtype=bool)
    steps = np.ceil(np.linalg.norm(end - start, axis=1) * 4).astype(int)
    segment, index = _counted(np.arange(len(start)), steps + 1)
    along = (index / np.maximum(steps[segment], 1))[:, None]
    voxels = np.rint(start[segment] + along * (end - start)[segment]).astype(int)
    voxels = voxels[((voxels >= 0) & (voxels < shape)).all(axis=1)]
    line[tuple(voxels.T)] = True
    return line


def vessel_label(fraction: np.ndarray, centreline: np.ndarray) -> np.ndarray:
    """The label: voxels that are at least half vessel, and the centreline, which keeps vessels thinner than a voxel."""
    return (fraction >= 0.5) | centreline


def _counted(items: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every item, repeated as often as its count says, and the number of each copy, from 0."""
    before = np.cumsum(counts) - counts
    return np.repeat(items, counts), np.arange(counts.sum()) - np.repeat(before, counts)


def _nearer_than(points: np.ndarray, axis: np.ndarray, radius: Sequence[np.ndarray], offsets: np.ndarray) -> np.ndarray:
    """Whether each point lies in its own tapered capsule: bool, (P, O).

    Args:
        points: (P, 3), relative to the start of the capsule's axis; to each, all `offsets` (O, 3) are added.
        axis: (P, 3), from start to end.
        radius: at the start and at the end, (P,) each.
    """
    along = ((points * axis).sum(axis=1, keepdims=True)) + axis @ offsets.T  # (P, O)
    length_squared = np.maximum((axis**2).sum(axis=1, keepdims=True), 1e-12)
    position = np.clip(along / length_squared, 0, 1)  # of the nearest point of the axis
    squared = (points**2).sum(axis=1, keepdims=True) + 2 * points @ offsets.T + (offsets**2).sum(axis=1)
    squared += position * (position * length_squared - 2 * along)  # now the distance to the axis
    first, last = (r[:, None] for r in radius)
    return squared <= (first + position * (last - first)) ** 2
