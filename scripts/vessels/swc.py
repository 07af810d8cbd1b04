"""Vessel trees and their SWC files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..io.atomic_file import write_atomically
from ..io.user_error import BadInput, MissingInput

INLET_RADIUS = 0.8  # mm; a wider open end is a trunk's


@dataclass(frozen=True)
class VesselTree:
    """A tree (or several) of vessels: every node but a root is joined to its parent by a tapered segment.

    Attributes:
        points: (N, 3) node positions in mm. By convention of this package the axes are those of the BraVa files:
            x from left to right, y upwards (superior), z backwards (posterior); `to_ras` converts them.
        radii: (N,) in mm, positive.
        parents: (N,) row of the parent, -1 at a root. A parent always stands before its children.
    """

    points: np.ndarray
    radii: np.ndarray
    parents: np.ndarray

    def segments(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows (parents, children) of the two ends of each segment, both (S,)."""
        children = np.flatnonzero(self.parents >= 0)
        return self.parents[children], children

    def segment_lengths(self) -> np.ndarray:
        """Length of each segment in mm, (S,), in the order of `segments`."""
        start, end = self.segments()
        return np.linalg.norm(self.points[end] - self.points[start], axis=1)

    def terminals(self) -> np.ndarray:
        """Rows of the nodes without children."""
        return np.setdiff1d(np.arange(len(self.points)), self.parents)

    def inflow_distance(self) -> np.ndarray:
        """Distance along the vessels to each node from the nearest inlet, an open end as wide as a trunk; mm, (N,).

        A tree traced in one piece has one root and several trunks (carotids, basilar artery): besides the roots,
        terminals of at least `INLET_RADIUS` are inlets.
        """
        wide = self.terminals()
        wide = wide[self.radii[wide] >= INLET_RADIUS]
        distance = np.where(self.parents < 0, 0.0, np.inf)
        distance[wide] = 0
        start, end = self.segments()
        edges = list(zip(start.tolist(), end.tolist(), self.segment_lengths().tolist()))
        for parent, child, length in reversed(edges):
            distance[parent] = min(distance[parent], distance[child] + length)
        for parent, child, length in edges:
            distance[child] = min(distance[child], distance[parent] + length)
        return distance


def to_ras(points: np.ndarray) -> np.ndarray:
    """Convert tree coordinates (right, superior, posterior), (N, 3), into (right, anterior, superior)."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)


def from_ras(points: np.ndarray) -> np.ndarray:
    """Inverse of `to_ras`."""
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1)


def read_swc(path: str | os.PathLike[str]) -> VesselTree:
    """Read one SWC file: a line per node, `id type x y z radius parent`, lengths in mm, `#` starts a comment.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a line has no seven numbers, an id occurs twice, a parent is missing, a radius is not positive, or
            the parents form a cycle. The message names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingInput(f"{path}: no such SWC file.")
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        words = line.split("#")[0].split()
        if not words:
            continue
        try:
            rows.append([float(word) for word in words[:7]])
        except ValueError:
            raise BadInput(f"{path}, line {number}: expected 'id type x y z radius parent', got {line!r}.") from None
        if len(words) < 7 or not np.isfinite(rows[-1]).all():
            raise BadInput(f"{path}, line {number}: expected seven finite numbers, got {line!r}.")
    if not rows:
        raise BadInput(f"{path}: no node in this SWC file.")
    table = np.array(rows)
    ids, parent_ids = table[:, 0].astype(np.int64), table[:, 6].astype(np.int64)
    index = {identifier: row for row, identifier in enumerate(ids.tolist())}
    if len(index) < len(ids):
        raise BadInput(f"{path}: node ids occur more than once.")
    missing = sorted({parent for parent in parent_ids.tolist() if parent >= 0 and parent not in index})
    if missing:
        raise BadInput(f"{path}: parents {missing[:5]} are not nodes of the file; a root has parent -1.")
    if (table[:, 5] <= 0).any():
        raise BadInput(f"{path}: node {ids[table[:, 5] <= 0][0]} has no positive radius.")
    parents = np.array([index[parent] if parent >= 0 else -1 for parent in parent_ids.tolist()])
    order = _parents_first(parents)
    if len(order) < len(parents):
        raise BadInput(f"{path}: the parents of {len(parents) - len(order)} nodes form a cycle.")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    parents = np.where(parents[order] >= 0, rank[parents[order]], -1)
    return VesselTree(points=table[order, 2:5], radii=table[order, 5], parents=parents)


def write_swc(tree: VesselTree, path: str | os.PathLike[str], axes: str = "right, superior, posterior") -> None:
    """Write a tree as SWC (ids from 1, type 0); positions and radii keep micrometres.

    Args:
        tree: written as it is.
        path: its folder is made if it does not exist.
        axes: where the tree's axes point, for the comment at the top.
    """
    lines = [f"# id type x y z radius parent (mm; x, y, z: {axes})"]
    for row, ((x, y, z), radius, parent) in enumerate(zip(tree.points, tree.radii, tree.parents)):
        lines.append(f"{row + 1} 0 {x:.3f} {y:.3f} {z:.3f} {radius:.3f} {parent + 1 if parent >= 0 else -1}")
    write_atomically(Path(path), lambda partial: partial.write_text("\n".join(lines) + "\n", encoding="utf-8"))


def _parents_first(parents: np.ndarray) -> list[int]:
    """Rows in an order in which each follows its parent; rows on a cycle, or behind one, are left out."""
    children: list[list[int]] = [[] for _ in parents]
    for row, parent in enumerate(parents.tolist()):
        if parent >= 0:
            children[parent].append(row)
    order = np.flatnonzero(parents < 0).tolist()
    for row in order:  # grows during the loop: breadth first
        order.extend(children[row])
    return order
