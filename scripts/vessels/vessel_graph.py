"""From a vessel mask to its graph: centrelines with radii between branchings and ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from nibabel.affines import apply_affine, from_matvec
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from .bounding_box import bounding_box
from .lines import mean_radii, smooth, to_the_tip
from .thinning import centreline_voxels, rim_voxels, touching_pairs


@dataclass(frozen=True)
class VesselSegment:
    """A vessel between two nodes of the graph; a node is a branching or an end.

    Attributes:
        points: (P, 3) world coordinates, mm, RAS; the first and the last lie at the nodes. A component without length
            has a single point.
        radii: (P,) mm.
        start, end: numbers of the nodes, equal in a closed loop.
    """

    points: np.ndarray
    radii: np.ndarray
    start: int
    end: int

    @property
    def length(self) -> float:
        """Length of the centreline, mm."""
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())

    @property
    def chord(self) -> float:
        """Distance between its two ends, mm."""
        return float(np.linalg.norm(self.points[-1] - self.points[0]))


def vessel_graph(mask: np.ndarray, affine: np.ndarray) -> list[VesselSegment]:
    """Centrelines of a vessel mask, each from node to node.

    The skeleton is Lee's (scikit-image). Voxels that all touch each other become one vertex, so that a branching is one
    node and every loop goes round a hole. Twigs that do not leave the vessel they come from are removed, ends that
    thinning shortened are lengthened again, and lines are smoothed between their nodes. The radius is that of a round
    cross-section of the same area.

    Args:
        mask: binary, (D, H, W).
        affine: (4, 4), from voxels to world mm (RAS).

    Returns:
        segments, none for an empty mask.
    """
    box = bounding_box(mask, margin=1)  # the rest of the volume would be searched for nothing
    mask = mask[box] > 0
    affine = affine @ from_matvec(np.eye(3), [side.start for side in box])
    voxels = centreline_voxels(mask, np.linalg.norm(affine[:3, :3], axis=0))  # (V, 3)
    if not len(voxels):
        return []
    vertex, edges = _contracted(voxels)
    members = np.bincount(vertex)
    centres = np.stack([np.bincount(vertex, axis) for axis in voxels.T], axis=1) / members[:, None]  # (N, 3) voxels
    points = apply_affine(affine, centres)  # (N, 3) mm
    rim = rim_voxels(mask)
    inscribed = np.full(len(points), np.inf)  # (N,) mm
    if len(rim):
        inscribed = cKDTree(apply_affine(affine, rim)).query(points)[0]

    neighbours: list[set[int]] = [set() for _ in points]
    for a, b in edges.tolist():
        neighbours[a].add(b)
        neighbours[b].add(a)
    paths, gone = _paths(neighbours), set[int]()
    while twigs := _twigs(paths, points, inscribed, neighbours):
        for twig in twigs:
            for here, onwards in zip(twig[:-1], twig[1:]):  # from the end to the branching, which stays
                neighbours[here].clear()
                neighbours[onwards].discard(here)
            gone.update(twig[:-1])
        paths = [path for path in _paths(neighbours) if path[0] not in gone]

    volume = abs(np.linalg.det(affine[:3, :3]))  # of a voxel, mm3
    positions = apply_affine(affine, np.argwhere(mask))  # (M, 3) mm
    kept = np.setdiff1d(np.arange(len(points)), list(gone))
    owner = kept[cKDTree(points[kept]).query(positions)[1]]  # (M,) nearest vertex
    order = owner.argsort()
    lines = []
    for path in paths:
        line = points[path]
        for _ in range(2):  # either end, if it is one
            if len(path) > 1 and len(neighbours[path[-1]]) == 1:
                first, last = np.searchsorted(owner, [path[-1], path[-1] + 1], sorter=order)
                line = to_the_tip(line, inscribed[path[-1]], positions[order[first:last]], np.cbrt(volume))
            line, path = line[::-1], path[::-1]
        lines.append(smooth(line))
    radii = mean_radii(lines, positions, volume)
    return [VesselSegment(line, r, path[0], path[-1]) for line, r, path in zip(lines, radii, paths)]


def _contracted(voxels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertex of each skeleton voxel (V, 3), numbered from 0, (V,); and the graph's edges (E, 2)."""
    pairs = touching_pairs(voxels)
    both = np.concatenate([pairs, pairs[:, ::-1]]).T
    adjacent = coo_array((np.ones(both.shape[1], dtype=np.int32), tuple(both)), shape=(len(voxels),) * 2).tocsr()
    in_triangles = (adjacent @ adjacent).multiply(adjacent)  # neighbours that have a neighbour in common
    vertex = connected_components(in_triangles, directed=False)[1]
    edges = np.unique(np.sort(vertex[pairs], axis=1), axis=0)
    return vertex, edges[edges[:, 0] != edges[:, 1]]


def _paths(neighbours: list[set[int]]) -> list[list[int]]:
    """Vertices from node to node, each path once; a loop without a node starts at any of its vertices."""
    paths: list[list[int]] = []
    left: set[tuple[int, int]] = set()  # first steps, from either end
    passed: set[int] = set()

    def walk(start: int, second: int) -> None:
        path = [start, second]
        while len(neighbours[path[-1]]) == 2 and path[-1] != start:
            path.append(next(iter(neighbours[path[-1]] - {path[-2]})))
        paths.append(path)
        left.update([(path[0], path[1]), (path[-1], path[-2])])
        passed.update(path[:-1])

    for vertex, near in enumerate(neighbours):
        if not near:
            paths.append([vertex])
        for second in sorted(near) if len(near) != 2 else ():
            if (vertex, second) not in left:
                walk(vertex, second)
    for vertex, near in enumerate(neighbours):
        if len(near) == 2 and vertex not in passed:
            walk(vertex, min(near))
    return paths


def _twigs(
    paths: list[list[int]], points: np.ndarray, radii: np.ndarray, neighbours: list[set[int]]
) -> list[list[int]]:
    """The shortest path from an end to each branching, where that end lies inside the vessel that branches."""
    shortest: dict[int, tuple[float, list[int]]] = {}
    for path in paths:
        if len(neighbours[path[0]]) > 2:
            path = path[::-1]
        if len(neighbours[path[0]]) == 1 and len(neighbours[path[-1]]) > 2:
            length = float(np.linalg.norm(np.diff(points[path], axis=0), axis=1).sum())
            if length < min(radii[path[-1]], shortest.get(path[-1], (np.inf,))[0]):
                shortest[path[-1]] = (length, path)
    return [path for _, path in shortest.values()]
