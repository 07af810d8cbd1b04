"""Grown 3D trees that resemble the arteries of the brain."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..vessels.swc import VesselTree, from_ras

STEP = 2.2  # mm between nodes, as in the traced trees
CANDIDATES = 4  # nodes among which a new branch finds the nearest to leave from: fewer make longer branches
END_RADIUS = (0.31, 0.46)  # mm
SEMI_AXES = np.array([66.0, 80.0, 58.0])  # mm, right, anterior, superior: the extent of the brain's arteries

# Waypoints of the trunks in mm around the brain's centre (right side; x is mirrored for the left): inlet first.
CAROTID = np.array(
    [[28, -4, -62], [24, 0, -60], [16, 8, -56], [14, 16, -48], [16, 20, -42], [12, 14, -38], [15, 10, -33]]
)
BASILAR = np.array([[0, -6, -60], [0, -4, -50], [0, -2, -38], [0, -3, -34]])
MIDDLE = np.array([[15, 10, -33], [28, 12, -30], [40, 6, -26], [47, -2, -12], [50, -14, 2]])
ANTERIOR = np.array([[15, 10, -33], [4, 20, -30], [3, 40, -18], [4, 46, 4], [4, 30, 26], [4, 6, 32]])
POSTERIOR = np.array([[0, -3, -34], [10, -8, -32], [20, -20, -28], [16, -40, -22], [10, -60, -14]])


def grow_arterial_tree(
    seed: int | tuple[int, ...],
    terminals: int = 104,
    scale: float = 1.0,
    end_radius: tuple[float, float] = END_RADIUS,
) -> VesselTree:
    """Grow one tree: carotids and basilar artery, middle, anterior and posterior cerebral arteries, branches.

    Ends are drawn at random in the brain's ellipsoid, most of them near its surface, and joined to the tree by tortuous
    paths, the nearest end first. Radii follow from the ends upwards by Murray's law, r0^3 = r1^3 + r2^3 at a branching
    (Murray, PNAS 1926), and grow slightly along each vessel, which stands for side branches too thin to be drawn. The
    circle of Willis is cut open, as in the traced trees of BraVa.

    Args:
        seed: the tree is a function of it and of the arguments.
        terminals: number of ends.
        scale: of all positions (not the radii); tests grow small brains.
        end_radius: range of the radius at an end, mm.

    Returns:
        The tree in the axes of `VesselTree`, mm, with three roots.
    """
    rng = np.random.default_rng(seed)
    size = scale * rng.uniform(0.94, 1.06, 3)
    grown = _Growth(size, rng)
    ends = {}
    for side in (-1, 1):
        mirror = np.array([side, 1, 1])
        carotid = grown.add_path(CAROTID * mirror, -1, 0.8)
        ends[side, "middle"] = grown.add_path(MIDDLE * mirror, carotid, 1.5)
        ends[side, "anterior"] = grown.add_path(ANTERIOR * mirror, carotid, 1.5)
    basilar = grown.add_path(BASILAR, -1, 0.8)
    for side in (-1, 1):
        ends[side, "posterior"] = grown.add_path(POSTERIOR * np.array([side, 1, 1]), basilar, 1.5)
    grown.close_trunks()
    targets = _targets(max(terminals - len(ends), 0), rng) * SEMI_AXES
    nearness = [np.linalg.norm(np.array(grown.points) / size - target, axis=1).min() for target in targets]
    for target in targets[np.argsort(nearness)]:
        grown.add_branch(target)
    points, parents = np.array(grown.points), np.array(grown.parents)
    radii = murray_radii(points, parents, rng, end_radius)
    return VesselTree(from_ras(points), radii, parents)


def murray_radii(
    points: np.ndarray, parents: np.ndarray, rng: np.random.Generator, end_radius: tuple[float, float] = END_RADIUS
) -> np.ndarray:
    """Radii (N,), mm, from the ends upwards: cubes add at branchings; a vessel widens by 0.15 % per mm to its root."""
    cubes = np.zeros(len(points))
    ends = np.setdiff1d(np.arange(len(points)), parents)
    cubes[ends] = rng.uniform(*end_radius, len(ends)) ** 3
    children = np.bincount(parents[parents >= 0], minlength=len(points))
    for node in range(len(points) - 1, -1, -1):
        parent = parents[node]
        if parent >= 0:
            length = np.linalg.norm(points[node] - points[parent])
            # at a branching the cubes must add exactly, so vessels widen in between only
            cubes[parent] += cubes[node] * (np.exp(3 * 0.0015 * length) if children[parent] == 1 else 1.0)
    return np.cbrt(cubes)


class _Growth:
    """A tree while it grows: lists of points (RAS mm) and parents."""

    def __init__(self, size: np.ndarray, rng: np.random.Generator) -> None:
        self.size, self.rng = size, rng
        self.points: list[np.ndarray] = []
        self.parents: list[int] = []
        self.growable: list[int] = []

    def add_path(self, waypoints: np.ndarray, parent: int, tortuosity: float) -> int:
        """Add a trunk along waypoints (W, 3) relative to `size`; returns its last node."""
        return self._append(_tortuous(waypoints * self.size, tortuosity, self.rng), parent)

    def close_trunks(self) -> None:
        """From now on branches leave the nodes there are, except those of the carotids and the basilar artery."""
        floor = -33.0 * self.size[2]
        self.growable = [node for node, point in enumerate(self.points) if point[2] > floor]

    def add_branch(self, target: np.ndarray) -> None:
        """Join a point to a near node of its side of the brain, by a tortuous path."""
        target = target * self.size
        # a few nodes only: arteries branch early and run side by side; an end does not leave the nearest twig
        candidates = self.rng.choice(self.growable, CANDIDATES)
        nodes = np.array(self.points)[candidates]  # (C, 3)
        distance = np.linalg.norm(nodes - target, axis=1) + 30.0 * (nodes[:, 0] * target[0] < -4.0)
        parent = int(candidates[distance.argmin()])
        start = self.points[parent]
        before = self.points[self.parents[parent]]
        # it leaves in the direction of its parent's flow and bends towards its end
        onward = (start - before) / max(float(np.linalg.norm(start - before)), 1e-6)
        bend = start + 0.3 * np.linalg.norm(target - start) * onward
        waypoints = np.stack([start, (bend + 0.7 * start + 0.3 * target) / 2, (start + 2 * target) / 3, target])
        first = len(self.points)
        self._append(_tortuous(waypoints, 3.0, self.rng), parent)
        self.growable += range(first, len(self.points) - 1)

    def _append(self, course: np.ndarray, parent: int) -> int:
        course = course if parent < 0 else course[1:]
        for point in course:
            self.points.append(point)
            self.parents.append(parent)
            parent = len(self.points) - 1
        return parent


def _targets(count: int, rng: np.random.Generator) -> np.ndarray:
    """Ends of vessels in the unit ball, (count, 3): three of four in the outer shell, none low down."""
    directions = rng.standard_normal((4 * count + 8, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    directions = directions[directions[:, 2] > -0.6][:count]
    depth = np.where(rng.uniform(size=count) < 0.75, rng.uniform(0.85, 1, count), rng.uniform(0.45, 0.85, count))
    return directions * depth[:, None]


def _tortuous(waypoints: np.ndarray, tortuosity: float, rng: np.random.Generator) -> np.ndarray:
    """A winding line from the first to the last of the waypoints (W, 3), a node every `STEP` mm, (N, 3)."""
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(waypoints, axis=0), axis=1))])
    stations = np.linspace(0, lengths[-1], max(int(lengths[-1] / STEP), 2) + 1)
    line = np.stack([np.interp(stations, lengths, waypoints[:, axis]) for axis in range(3)], axis=1)
    smooth = ndimage.gaussian_filter1d(line, 2.0, axis=0, mode="nearest")
    noise = ndimage.gaussian_filter1d(rng.standard_normal((len(line), 3)), 2.0, axis=0, mode="nearest") * 2.66
    free = np.clip(np.minimum(stations, lengths[-1] - stations) / 8.0, 0, 1)[
        :, None
    ]  # the two ends stay where they are
    return line + free * (smooth - line + tortuosity * noise)
