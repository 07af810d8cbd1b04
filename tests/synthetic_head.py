"""A head in TOF contrast, coarse but with everything that misleads a brain mask: scalp, skull, neck, noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

HEAD, INNER = (92, 104, 90), (78, 90, 76)  # mm, semi-axes


def synthetic_head(seed: int = 0, spacing: float = 2.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scan, brain and vessels on a (100, 110, 80) grid of 2 mm, or finer; axes are RAS.

    Brain tissue 100, CSF 40, bone 10, scalp fat 200, muscle 90, vessels 300, Rician noise of sigma 8. The vessels are
    a circle of Willis in a dark cistern below the brain and two vertebral arteries that leave through the lower face.
    """
    shape = [round(side * 2.0 / spacing) for side in (100, 110, 80)]
    x, y, z = _positions(shape, spacing)
    head, skull, inner, brain = (_ellipsoid(x, y, z, *r) for r in (HEAD, (84, 96, 82), INNER, (74, 86, 72)))
    brain &= z > -35
    stem = (np.hypot(x, y + 15) < 12) & (z <= -30)
    cistern = (np.hypot(x, y - 5) < 16) & (np.abs(z + 33) < 8)
    neck = (np.hypot(x, y + 10) < 70) & (z < -38)
    scan = np.zeros(shape)
    scan[head] = 200
    scan[neck] = 90
    scan[skull & (z > -45)] = 10
    scan[inner & (z > -38)] = 40
    scan[(np.hypot(x, y + 15) < 18) & (z <= -30)] = 40
    scan[brain | stem] = 100
    scan[cistern] = 40
    willis = (np.abs(np.hypot(x, y - 5) - 10) < 2.2) & (np.abs(z + 33) < 2.2)
    vertebral = (np.hypot(np.abs(x) - 6, y + 2) < 2.2) & (z < -33) & (z > -62)
    vessels = willis | vertebral
    scan[vessels] = 300
    rng = np.random.default_rng(seed)
    noisy = np.hypot(scan + rng.normal(0, 8, shape), rng.normal(0, 8, shape))
    return noisy.astype(np.float32), brain | stem, vessels


def head_of_thin_bone() -> tuple[np.ndarray, np.ndarray]:
    """Scan and brain of `synthetic_head` with a thick muscle on the right, of which bone as bright as 75 parts it."""
    scan, brain, _ = synthetic_head()
    x, y, z = _positions(scan.shape, 2.0)
    patch = _ellipsoid(x, y, z, *HEAD) & ~brain & (x > 0) & (np.abs(y) < 45) & (np.abs(z - 5) < 30)
    noise = np.random.default_rng(0).normal(0, 8, scan.shape)
    scan[patch] = (np.where(_ellipsoid(x, y, z, *INNER), 75, 90) + noise)[patch]
    return scan, brain


def head_with_eyes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scan, brain and vessels of `synthetic_head` with two eyes as bright as the brain, which touch it."""
    scan, brain, vessels = synthetic_head()
    x, y, z = _positions(scan.shape, 2.0)
    eyes = _ellipsoid(np.abs(x) - 30, y - 88, z + 8, 14, 14, 14) & ~brain
    noise = np.random.default_rng(1).normal(0, 8, scan.shape)
    return np.where(eyes, 100 + noise, scan).astype(np.float32), brain, vessels


def shaded(scan: np.ndarray, right: float = 0.0, back: float = 0.0, up: float = 0.0) -> np.ndarray:
    """A scan brighter towards its sides, float32: natural logarithms from the middle to the face."""
    x, y, z = np.ix_(*[np.linspace(-1, 1, side) for side in scan.shape])
    return (scan * np.exp(right * x - back * y + up * z)).astype(np.float32)


def _positions(shape: Sequence[int], spacing: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(D, H, W) mm each, from the brain's centre."""
    x, y, z = np.meshgrid(*[(np.arange(n) + 0.5) * spacing for n in shape], indexing="ij")
    return x - 100, y - 110, z - 70


def _ellipsoid(x: np.ndarray, y: np.ndarray, z: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
    return (x / a) ** 2 + (y / b) ** 2 + (z / c) ** 2 < 1
