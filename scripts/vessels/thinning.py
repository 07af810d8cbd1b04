"""Which voxels of a mask are its centreline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import find_objects
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from skimage.measure import label
from skimage.morphology import skeletonize

TOUCHING = 3  # connectivity: at a face, an edge or a corner


def centreline_voxels(mask: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Voxels (V, 3) of the skeleton of a binary mask (D, H, W), at least one of every component (26 neighbours).

    Lee's thinning in scikit-image erases straight bars of even width, and shortens such branches from their ends (its
    issue 3757). These are thinned on a grid of half the voxel size, where all widths are odd.

    Args:
        mask: vessels.
        spacing: voxel size, mm.
    """
    mask = mask > 0
    if not mask.any():
        return np.argwhere(mask)
    thin = skeletonize(mask)
    line = np.concatenate([np.argwhere(thin), *_erased(mask, thin)])
    branches = [_thinned_finely(lost) for lost in _lost_branches(mask, line, np.array(spacing))]
    return np.unique(np.concatenate([line, *branches, *(_bridge(branch, line) for branch in branches)]), axis=0)


def _erased(mask: np.ndarray, thin: np.ndarray) -> list[np.ndarray]:
    """Centreline voxels of the components of a mask of which thinning left nothing."""
    components, count = label(mask, return_num=True, connectivity=TOUCHING)
    kept = np.zeros(count + 1, dtype=bool)  # (components + 1,)
    kept[components[thin]] = True
    erased = np.flatnonzero(~kept[1:])
    boxes = find_objects(components) if len(erased) else []
    return [
        _thinned_finely(np.argwhere(components[boxes[i]] == i + 1)) + [side.start for side in boxes[i]] for i in erased
    ]


def rim_voxels(mask: np.ndarray) -> np.ndarray:
    """Voxels (R, 3) outside a mask (D, H, W) that share a face with it: what is nearest to a voxel of it is in it."""
    beside = np.zeros_like(mask, dtype=bool)
    for axis in range(3):
        ours, theirs = np.moveaxis(beside, axis, 0), np.moveaxis(mask, axis, 0)
        ours[1:] |= theirs[:-1]
        ours[:-1] |= theirs[1:]
    return np.argwhere(beside & ~mask)


def touching_pairs(voxels: np.ndarray) -> np.ndarray:
    """Which of the voxels (V, 3) touch, at a face, an edge or a corner: rows of two, (pairs, 2)."""
    return cKDTree(voxels).query_pairs(1.5, p=np.inf, output_type="ndarray")


def _thinned_finely(component: np.ndarray) -> np.ndarray:
    """Centreline voxels of a component, voxels (P, 3) both."""
    first = component.min(axis=0) - 1
    fine = np.zeros(np.ptp(component, axis=0) + 3, dtype=bool)
    fine[tuple((component - first).T)] = True
    for axis in range(3):
        fine = np.repeat(fine, 2, axis)
        fine |= np.roll(fine, 1, axis)  # w voxels become 2 w + 1
    thin = skeletonize(fine)
    return np.unique((np.argwhere(thin if thin.any() else fine) - 1) // 2, axis=0) + first


def _lost_branches(mask: np.ndarray, line: np.ndarray, spacing: np.ndarray) -> list[np.ndarray]:
    """Components, (P, 3) each, far from the centreline voxels (V, 3): branches that thinning lost.

    Far means beyond the corners of ends and rough surfaces. A branch reaches twice as far.
    """
    outside = rim_voxels(mask) * spacing
    radius = cKDTree(outside).query(line * spacing)[0] if len(outside) else np.full(len(line), np.inf)  # (V,) mm
    voxels = np.argwhere(mask)  # (M, 3)
    distance, nearest = cKDTree(line * spacing).query(voxels * spacing)  # (M,) mm
    reach = distance / (1.5 * radius[nearest] + 2.5 * spacing.max())
    far = voxels[reach > 1]
    pairs = touching_pairs(far)
    graph = coo_array((np.ones(len(pairs), dtype=bool), tuple(pairs.T)), shape=(len(far) + 1,) * 2)  # never empty
    component = connected_components(graph, directed=False)[1][:-1]  # (F,)
    return [far[component == branch] for branch in np.unique(component[reach[reach > 1] > 2])]


def _bridge(branch: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Voxels of the straight line from a branch, (P, 3), to the nearest voxel of a centreline, (V, 3)."""
    distance, nearest = cKDTree(line).query(branch)
    start, end = branch[distance.argmin()], line[nearest[distance.argmin()]]
    stations = np.linspace(0, 1, int(np.abs(end - start).max()) + 1)[:, None]
    return np.rint(start + stations * (end - start)).astype(int)
