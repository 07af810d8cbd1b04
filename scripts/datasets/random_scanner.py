"""A scanner whose settings are drawn anew for every crop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.ndimage import gaussian_filter, zoom

from ..simulation.head_file import BLOOD_STEP, TISSUE_STEP
from ..transforms.smooth_noise import smooth_noise

LEVELS = (0.0, 0.15, 0.55, 0.88, 1.0, 1.7, 2.55)  # of air, bone, fluid, grey matter, white matter, fat, the brightest
NEW_LEVELS = ((0.0, 0.1), (0.05, 0.4), (0.25, 0.95), (0.7, 1.1), (0.95, 1.05), (0.9, 2.2), (1.3, 3.0))
ARTERIES, VEINS = (0.75, 1.25), (0.4, 1.8)  # factors of their contrast
TEXTURE, TEXTURE_SIZE = 0.05, (1.0, 4.0)  # relative deviation at most, sigma in voxels
BLOBS, BLOB_RADIUS, BLOB_CONTRAST = 2, (1.5, 7.0), (0.2, 1.6)  # number at most, voxels, above tissue
SHADING, WAVES, LONGEST = 0.25, 4, 1.5  # deviation at most of its logarithm, number, periods over the head
ALONG_ONE = 1.3  # voxels, sigma of the point spread along one axis of some scanners
ZERO_FILLED, GRAINY = 0.12, 0.25  # shares of the draws
RESOLUTION, SAMPLED, GRAIN = (0.5, 1.0), (0.5, 0.9), (0.3, 1.1)  # of a coarser grid; of the frequencies; voxels
GAMMA, GAMMA_SHARE, TOP = (0.55, 1.7), 0.5, 4.0


@dataclass(frozen=True)
class Sample:
    """A part of a head, uint8, (X, Y, Z) each, as `HeadFile` has it, and where its voxels lie.

    Attributes:
        bare, veins, blood: see `HeadFile`.
        positions: (X, 1, 1), (1, Y, 1), (1, 1, Z), from 0 to 1 along the head.
    """

    bare: np.ndarray
    veins: np.ndarray
    blood: np.ndarray
    positions: list[np.ndarray]


class RandomScanner:
    """Acquires crops of noise-free heads; one instance is one scanner with settings of its own.

    The crop is measured whole. Of the rest of the head, which decides how intensities are normalised, a sparse sample
    of single voxels is enough: it gets the same contrast, shading and noise.

    What varies: brightness of each tissue, contrast of arteries and veins, texture, bright blobs, shading, point
    spread, noise and its grain, resolution, zero-filled frequencies, grey scale.

    Args:
        rng: draws the settings, and later the noise.
        noise: least and greatest deviation; white matter = 1.
        point_spread: least and greatest sigma, voxels.
        coarser: share of the scanners that measure on a coarser grid.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        noise: tuple[float, float] = (0.04, 0.3),
        point_spread: tuple[float, float] = (0.25, 1.1),
        coarser: float = 0.25,
    ) -> None:
        self.rng = rng
        levels = [rng.uniform(*level) for level in NEW_LEVELS]
        self.tissue = np.interp(np.arange(256) * TISSUE_STEP, LEVELS, levels).astype(np.float32)  # (256,)
        self.veins = np.float32(_log_uniform(VEINS, rng) * TISSUE_STEP)
        self.arteries = np.float32(_log_uniform(ARTERIES, rng) * BLOOD_STEP)
        self.waves = rng.uniform(-LONGEST, LONGEST, (WAVES, 3)), rng.uniform(0, 2 * np.pi, WAVES)
        self.shading = rng.uniform(0, SHADING) * rng.standard_normal(WAVES) * np.sqrt(2 / WAVES)
        self.spread = np.full(3, rng.uniform(*point_spread))
        if rng.uniform() < 0.3:
            self.spread[rng.integers(3)] = rng.uniform(self.spread[0], ALONG_ONE)
        self.noise = _log_uniform(noise, rng)
        self.kind = rng.choice(
            ["coarser", "zero_filled", "grainy", "plain"],
            p=[coarser, ZERO_FILLED, GRAINY, 1 - coarser - ZERO_FILLED - GRAINY],
        )
        self.gamma = _log_uniform(GAMMA, rng) if rng.uniform() < GAMMA_SHARE else 1.0

    def acquire(self, crop: Sample, added: np.ndarray | float = 0.0) -> tuple[np.ndarray, float]:
        """Image of a crop, float32 (S, S, S), and the noise's deviation in it.

        Args:
            crop: the part of the head.
            added: more blood, white matter = 1, (S, S, S).
        """
        rng = self.rng
        signal = self._signal(crop)
        texture = rng.uniform(0, TEXTURE)
        signal *= 1 + np.float32(texture) * smooth_noise(signal.shape, rng.uniform(*TEXTURE_SIZE), rng)
        for _ in range(rng.integers(BLOBS + 1)):
            _add_blob(signal, rng)
        signal = (signal + added) * self._shading(crop.positions)
        signal = gaussian_filter(signal, self.spread, truncate=3.0)
        shape, grid = signal.shape, signal.shape
        if self.kind == "coarser":
            grid = tuple(round(side * rng.uniform(*RESOLUTION)) for side in shape)
            signal = _resize(signal, grid)
        channels = [rng.standard_normal(grid, dtype=np.float32) for _ in range(2)]
        if self.kind == "grainy":
            channels = [
                gaussian_filter(channel, GRAIN[0] + rng.uniform() * (GRAIN[1] - GRAIN[0])) for channel in channels
            ]
        if self.kind == "zero_filled":
            axes, share = rng.permutation(3)[:2].tolist(), rng.uniform(*SAMPLED)
            signal, *channels = (low_frequencies(part, share, axes) for part in (signal, *channels))
        if self.kind in ("grainy", "zero_filled"):
            channels = [channel / channel.std() for channel in channels]
        real, imaginary = (np.float32(self.noise) * channel for channel in channels)
        image = np.hypot(signal + real, imaginary)
        deviation = self.noise
        if self.kind == "coarser":
            image = _resize(image, shape)
            deviation = float(_resize(real, shape).std())
        return self._grey(image), deviation

    def sample(self, voxels: Sample, deviation: float) -> np.ndarray:
        """Values of single voxels, float32, with noise of this deviation."""
        signal = self._signal(voxels) * self._shading(voxels.positions)
        real, imaginary = (deviation * self.rng.standard_normal(signal.shape, dtype=np.float32) for _ in range(2))
        return self._grey(np.hypot(signal + real, imaginary))

    def _signal(self, part: Sample) -> np.ndarray:
        return self.tissue[part.bare] + self.veins * part.veins + self.arteries * part.blood

    def _shading(self, positions: list[np.ndarray]) -> np.ndarray:
        total = np.zeros([line.size for line in positions], dtype=np.float32)
        for strength, wave, phase in zip(self.shading, *self.waves):
            lines = [np.exp(2j * np.pi * f * line) for f, line in zip(wave, positions)]
            total += np.float32(strength) * (np.exp(1j * phase) * lines[0] * lines[1] * lines[2]).real.astype(
                np.float32
            )
        return np.exp(total)

    def _grey(self, image: np.ndarray) -> np.ndarray:
        return image if self.gamma == 1 else TOP * (image / TOP) ** np.float32(self.gamma)


def low_frequencies(volume: np.ndarray, share: float, axes: list[int]) -> np.ndarray:
    """What the lowest share of the frequencies along `axes` leaves of a volume, float32."""
    spectrum = fft.fftn(volume, axes=axes)
    for axis in axes:
        high = np.abs(fft.fftfreq(volume.shape[axis])) > share / 2
        spectrum[(slice(None),) * axis + (high,)] = 0
    return fft.ifftn(spectrum, axes=axes).real.astype(np.float32)


def _resize(volume: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    factors = [new / old for new, old in zip(shape, volume.shape)]
    return zoom(volume, factors, order=1, mode="nearest", grid_mode=True)


def _add_blob(signal: np.ndarray, rng: np.random.Generator) -> None:
    """Draw a soft-edged ellipsoid that is not a vessel, in place."""
    radii = rng.uniform(*BLOB_RADIUS) * rng.uniform(0.6, 1.4, 3)
    centre = rng.uniform(0, signal.shape)
    low = np.maximum(centre - 1.5 * radii, 0).astype(int)
    high = np.minimum(centre + 1.5 * radii + 1, signal.shape).astype(int)
    lines = np.ogrid[tuple(slice(a, b) for a, b in zip(low, high))]
    radius = np.sqrt(sum(((line - c) / r) ** 2 for line, c, r in zip(lines, centre, radii)))
    weight = np.clip((1.2 - radius) / 0.4, 0, 1).astype(np.float32)
    signal[tuple(slice(a, b) for a, b in zip(low, high))] += np.float32(rng.uniform(*BLOB_CONTRAST)) * weight


def _log_uniform(bounds: tuple[float, float], rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(*np.log(bounds))))
