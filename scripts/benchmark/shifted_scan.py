"""A noise-free head as a shifted scanner would show it."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
from scipy import fft, ndimage

from ..simulation.head import SHAPE_SPACING, interpolate
from ..simulation.scanner import bias_field
from ..simulation.tof_mra import SCALE, HeadSignal, SimulatedScan, TofMraSimulator
from ..vessels.swc import VesselTree, to_ras
from .shifts import Shift

WILLIS_HEIGHT = 30.0  # mm of the circle of Willis above the lowest artery
SLAB, BOX = 40.0, (60.0, 60.0, 45.0)  # mm
CUT = 12.0  # mm


def shifted_scan(
    parts: HeadSignal, tree: VesselTree, simulator: TofMraSimulator, shift: Shift, scanner: np.random.Generator
) -> SimulatedScan:
    """Acquire one scan; the draws are those of `TofMraSimulator`, so that the shifts of one tree differ in it alone.

    Args:
        parts: `simulator.signal` of the tree; unchanged.
        tree: the arteries, for the field of view.
        simulator: whose ranges of noise and bias are drawn from.
        shift: what is different.
        scanner: the stream that `simulator.signal` has drawn slabs from; a copy of it is used.
    """
    scanner = copy.deepcopy(scanner)
    parts = thick_slices(parts, shift.thick_slices)
    shape, finest = parts.tissue.shape, parts.spacing[0]
    fine = (shape[0], shape[1], shape[2] * shift.thick_slices)
    field = bias_field(parts.head, shift.bias * scanner.uniform(*simulator.bias), fine, finest, scanner)
    field = field[:, :, :: shift.thick_slices] * parts.slabs
    sigma = shift.noise * scanner.uniform(*simulator.noise)
    gain = SCALE * np.exp(scanner.normal(0, 0.3))
    signal = (parts.tissue + parts.blood) * field
    scan = magnitude(signal, parts.spacing, sigma, shift, scanner)
    if shift.gamma != 1:
        top = scan.max()
        scan = top * (scan / top) ** shift.gamma
    depth = interpolate(parts.head.depth() + shift.growth, SHAPE_SPACING, fine, finest)[:, :, :: shift.thick_slices]
    mask = np.ones(shape, dtype=bool) if shift.mask == "none" else depth > 0
    heights = parts.head.origin[2] + parts.spacing[2] * np.arange(shape[2])
    lowest = to_ras(tree.points)[:, 2].min()
    if shift.mask == "cut":
        mask &= heights > lowest + CUT
    window = field_of_view(parts, tree, shift.view)
    affine = parts.affine()
    affine[:3, 3] += [part.start * side for part, side in zip(window, parts.spacing)]
    return SimulatedScan(scan[window] * np.float32(gain), parts.label()[window], mask[window], affine)


def thick_slices(parts: HeadSignal, count: int) -> HeadSignal:
    """The same head, `count` slices measured as one."""
    if count == 1:
        return parts

    def grouped(volume: np.ndarray) -> np.ndarray:
        whole = volume.shape[-1] // count * count
        return volume[..., :whole].reshape(*volume.shape[:-1], -1, count)

    x, y, z = parts.spacing
    return replace(
        parts,
        spacing=(x, y, z * count),
        bare=grouped(parts.bare).mean(-1),
        tissue=grouped(parts.tissue).mean(-1),
        blood=grouped(parts.blood).mean(-1),
        fraction=grouped(parts.fraction).mean(-1),
        centreline=grouped(parts.centreline).max(-1),
        slabs=grouped(parts.slabs).mean(-1),
    )


def magnitude(
    signal: np.ndarray, spacing: tuple[float, float, float], sigma: float, shift: Shift, rng: np.random.Generator
) -> np.ndarray:
    """Blur, noise of the standard deviation `sigma` in each of two channels, and the magnitude of both, float32."""
    channels = [ndimage.gaussian_filter(signal, [shift.blur / side for side in spacing], truncate=3.0), np.float32(0)]
    result = []
    for channel in channels:
        noise = rng.standard_normal(signal.shape, dtype=np.float32)
        if shift.grain:
            noise = ndimage.gaussian_filter(noise, [shift.grain / side for side in spacing], truncate=3.0)
        if shift.sampled < 1:
            noise = low_frequencies(noise, shift.sampled)
            channel = low_frequencies(channel, shift.sampled) if np.ndim(channel) else channel
        result.append(channel + np.float32(sigma) * noise / noise.std())
    return np.hypot(*result)


def low_frequencies(volume: np.ndarray, share: float) -> np.ndarray:
    """What the lowest share of the frequencies along the first two axes leaves of (X, Y, Z), float32."""
    spectrum = fft.rfft2(volume, axes=(1, 0))
    x = np.abs(fft.fftfreq(volume.shape[1])) > share / 2
    y = np.abs(fft.rfftfreq(volume.shape[0])) > share / 2
    spectrum[:, x] = 0
    spectrum[y] = 0
    return fft.irfft2(spectrum, s=(volume.shape[1], volume.shape[0]), axes=(1, 0)).astype(np.float32)


def field_of_view(parts: HeadSignal, tree: VesselTree, view: str) -> tuple[slice, slice, slice]:
    """The part of the grid that is scanned; see `Shift.view`.

    Raises:
        ValueError: an unknown view.
    """
    points = to_ras(tree.points)
    lowest = points[:, 2].min()
    near = points[points[:, 2] < lowest + WILLIS_HEIGHT + 5]
    willis = np.array([parts.head.centre[0], near[:, 1].mean(), lowest + WILLIS_HEIGHT])
    everything = np.array([np.inf] * 3)
    if view == "head":
        low, high = -everything, everything
    elif view == "slab":
        low, high = np.array([-np.inf, -np.inf, willis[2] - 15]), np.array([np.inf, np.inf, willis[2] - 15 + SLAB])
    elif view == "half":
        low, high = np.array([parts.head.centre[0], -np.inf, -np.inf]), everything
    elif view == "box":
        low, high = willis - np.array(BOX) / 2, willis + np.array(BOX) / 2
    else:
        raise ValueError(f"view '{view}' is unknown.")
    sides = zip(low, high, parts.head.origin, parts.spacing, parts.tissue.shape)
    return tuple(  # type: ignore[return-value]
        slice(int(np.clip((first - start) / side, 0, count - 1)), int(np.clip((last - start) / side + 1, 1, count)))
        for first, last, start, side, count in sides
    )
