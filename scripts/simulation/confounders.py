"""Bright structures of a TOF-MRA that are not arteries of the brain: veins, meningeal arteries, bright spots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .head import Head

STEP = 2.0  # mm between the nodes of a drawn vessel


@dataclass(frozen=True)
class Tube:
    """An unbranched vessel: (N, 3) RAS mm, (N,) radii in mm, signal above white matter (white matter = 1)."""

    points: np.ndarray
    radii: np.ndarray
    contrast: float


def venous_tubes(head: Head, contrast: float, rng: np.random.Generator) -> list[Tube]:
    """Dural sinuses, internal cerebral veins and 14 to 24 cortical veins.

    Args:
        head: the brain they drain.
        contrast: signal of the sagittal sinus above white matter; the others have 0.5 to 1 of it.
        rng: draws their courses, calibres and signals.
    """
    top = np.array([[0, 0.9, 0.35], [0, 0.5, 0.9], [0, 0, 1], [0, -0.6, 0.8], [0, -1, 0.1], [0, -1, -0.12]])
    tubes = [_surface_tube(head, top, (0.5, 1.7), 1.0, contrast, 0.3, rng)]
    torcula = top[-1]
    for side in (-1, 1):
        waypoints = np.array(
            [torcula, [0.5 * side, -0.85, -0.18], [0.85 * side, -0.4, -0.3], [0.75 * side, -0.2, -0.6]]
        )
        calibre = rng.uniform(0.7, 1.5)  # the transverse sinuses are seldom equal
        tubes.append(_surface_tube(head, waypoints, (calibre, calibre), 0.5, contrast * rng.uniform(0.5, 1), 0.3, rng))
        waypoints = np.array(
            [[0.04 * side, 0.2, 0.05], [0.03 * side, -0.05, 0.1], [0.0, -0.3, 0.08], [0.0, -0.45, 0.1]]
        )
        tubes.append(_inner_tube(head, waypoints, (0.5, 0.9), contrast * rng.uniform(0.5, 1), 1.0, rng))
        waypoints = np.array(
            [[0.25 * side, 0.15, -0.35], [0.3 * side, -0.1, -0.25], [0.1 * side, -0.35, 0.05], [0, -0.45, 0.1]]
        )
        tubes.append(_inner_tube(head, waypoints, (0.5, 0.9), contrast * rng.uniform(0.4, 0.9), 1.0, rng))
    waypoints = np.array([[0, -0.45, 0.1], [0, -0.7, 0.1], [0, -0.95, -0.1]])
    tubes.append(_inner_tube(head, waypoints, (0.7, 1.2), contrast * rng.uniform(0.5, 1), 0.5, rng))
    for _ in range(rng.integers(14, 25)):
        side, along = rng.choice([-1, 1]), rng.uniform(-0.8, 0.8)
        foot = np.array([0.85 * side, along + rng.uniform(-0.4, 0.4), rng.uniform(-0.2, 0.5)])
        bend = np.array([0.5 * side, along + rng.uniform(-0.2, 0.2), 0.8])
        waypoints = np.array([foot, bend, [0.0, along, 1 - 0.3 * along**2]])
        tubes.append(
            _surface_tube(
                head, waypoints, (0.4, rng.uniform(0.6, 1.1)), 2.0, contrast * rng.uniform(0.4, 0.9), 2.5, rng
            )
        )
    return tubes


def meningeal_tubes(head: Head, contrast: float, rng: np.random.Generator) -> list[Tube]:
    """Middle meningeal arteries: two to four branches a side, fanning out over the brain's surface.

    Args:
        head: the brain they lie on.
        contrast: signal above white matter; a branch has 0.6 to 1 of it.
        rng: draws them.
    """
    tubes = []
    for side in (-1, 1):
        stem = np.array([0.75 * side, 0.3, -0.45])
        for _ in range(rng.integers(2, 5)):
            end = np.array([rng.uniform(0.4, 0.8) * side, rng.uniform(-0.8, 0.7), rng.uniform(0.4, 0.9)])
            waypoints = np.array([stem, [0.95 * side, rng.uniform(0, 0.3), -0.1], end])
            tubes.append(_surface_tube(head, waypoints, (0.7, 0.35), 0.3, contrast * rng.uniform(0.6, 1), 2.0, rng))
    return tubes


def bright_spots(head: Head, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Centres (3,), semi-axes (3,) in mm and contrasts of blobs as bright as arteries.

    One like the pineal gland, one like the posterior pituitary, choroid plexus on both sides, up to two like a
    haemorrhage (methaemoglobin is bright on T1-weighted scans, and TOF-MRA is one).
    """
    positions = [
        (np.array([0.0, -0.25, 0.0]), (1.5, 3.0)),
        (np.array([0.0, 0.25, -0.6]), (1.0, 2.0)),
        (np.array([0.2, -0.35, 0.05]), (1.5, 2.5)),
        (np.array([-0.2, -0.35, 0.05]), (1.5, 2.5)),
    ]
    for _ in range(rng.integers(0, 3)):
        direction = rng.standard_normal(3)
        positions.append((direction / np.linalg.norm(direction) * rng.uniform(0.3, 0.8), (1.5, 3.5)))
    return [
        (
            head.centre + head.semi_axes * position + rng.normal(0, 1.0, 3),
            rng.uniform(*size) * rng.uniform(0.6, 1.4, 3),
            rng.uniform(0.2, 0.9),
        )
        for position, size in positions
    ]


def _surface_tube(
    head: Head,
    directions: np.ndarray,
    calibres: tuple[float, float],
    depth: float,
    contrast: float,
    tortuosity: float,
    rng: np.random.Generator,
) -> Tube:
    """A vessel that follows the brain's surface along directions (W, 3), given relative to the semi-axes."""
    course = _curve(directions * head.semi_axes, tortuosity, rng)
    depths = depth + 0.2 * tortuosity * _smooth_noise_along(len(course), rng)
    return Tube(head.surface_point(course, depths), np.linspace(*calibres, len(course)), contrast)


def _inner_tube(
    head: Head,
    waypoints: np.ndarray,
    calibres: tuple[float, float],
    contrast: float,
    tortuosity: float,
    rng: np.random.Generator,
) -> Tube:
    """A vessel through points (W, 3) given relative to the brain's semi-axes."""
    course = head.centre + _curve(waypoints * head.semi_axes, tortuosity, rng)
    return Tube(course, np.linspace(*calibres, len(course)), contrast)


def _curve(waypoints: np.ndarray, tortuosity: float, rng: np.random.Generator) -> np.ndarray:
    """A smooth line along waypoints (W, 3), a node every `STEP` mm, up to about `tortuosity` mm off, (N, 3)."""
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(waypoints, axis=0), axis=1))])
    stations = np.linspace(0, lengths[-1], int(lengths[-1] / STEP) + 3)
    line = np.stack([np.interp(stations, lengths, waypoints[:, axis]) for axis in range(3)], axis=1)
    line = ndimage.gaussian_filter1d(line, 3.0, axis=0, mode="nearest")
    return line + tortuosity * np.stack([_smooth_noise_along(len(line), rng) for _ in range(3)], axis=1)


def _smooth_noise_along(count: int, rng: np.random.Generator) -> np.ndarray:
    """Smooth noise along a line (correlated over about 3 nodes), unit standard deviation, (count,)."""
    noise = ndimage.gaussian_filter1d(rng.standard_normal(count + 20), 2.0)[10:-10]
    return noise * 2.66  # a Gaussian of 2 nodes leaves 1 / sqrt(2 * 2 * sqrt(pi)) of the deviation
