"""The TOF-MRA simulator: arteries in, scan with known label out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..vessels.rasterise import rasterise_centreline, rasterise_segments, vessel_label
from ..vessels.swc import VesselTree, to_ras
from .arterial_signal import THIN_SHARE, inflow_contrast
from .confounders import Tube, bright_spots, meningeal_tubes, venous_tubes
from .head import SHAPE_SPACING, TISSUE_SPACING, Head, head_around, interpolate
from .scanner import acquire, bias_field, slab_profile
from .tissue import SOURCES, tissue_signal

LARGE_ARTERY = 0.9  # mm radius: larger ones run in cisterns
SCALE = 300.0  # written signal of white matter, before this scan's own gain


@dataclass(frozen=True)
class SimulatedScan:
    """One simulated scan on a RAS grid.

    Attributes:
        scan: float32 (X, Y, Z).
        label: bool, the arteries.
        brain_mask: bool.
        affine: (4, 4), voxel to RAS mm.
    """

    scan: np.ndarray
    label: np.ndarray
    brain_mask: np.ndarray
    affine: np.ndarray


@dataclass(frozen=True)
class HeadSignal:
    """A head without coils and noise, white matter at 1, on a RAS grid (X, Y, Z); float32 unless said.

    Attributes:
        head: its shape.
        spacing: of the grid along each axis, mm.
        bare: signal of tissue alone.
        tissue: signal of everything but arteries: tissue, veins, spots.
        blood: what the arteries add to it.
        fraction: of each voxel that arteries fill.
        centreline: bool, the arteries' axes.
        slabs: (Z,), factor of all signal.
    """

    head: Head
    spacing: tuple[float, float, float]
    bare: np.ndarray
    tissue: np.ndarray
    blood: np.ndarray
    fraction: np.ndarray
    centreline: np.ndarray
    slabs: np.ndarray

    def label(self) -> np.ndarray:
        """The annotation of the arteries, bool."""
        return vessel_label(self.fraction, self.centreline)

    def affine(self) -> np.ndarray:
        """(4, 4), voxel to RAS mm."""
        affine = np.diag([*self.spacing, 1.0])
        affine[:3, 3] = self.head.origin
        return affine


def random_streams(
    seed: int | tuple[int, ...],
) -> tuple[np.random.Generator, np.random.Generator, np.random.Generator]:
    """Of anatomy, vessels and scanner, one each: another noise level, contrast or spacing shows the same head."""
    anatomy, vessels, scanner = np.random.SeedSequence(seed).spawn(3)
    return np.random.default_rng(anatomy), np.random.default_rng(vessels), np.random.default_rng(scanner)


class TofMraSimulator:
    """Turn arterial trees into TOF-MRA scans; settings that are ranges vary from scan to scan.

    Args:
        spacing: mm, isotropic.
        contrast: range of a large artery's signal above white matter (white matter = 1).
        venous_contrast: range of the sagittal sinus's.
        meningeal_contrast: range of the meningeal arteries'.
        noise: range of the noise's standard deviation relative to white matter.
        bias: range of the bias field's relative standard deviation.
        tissue: "procedural" grows grey matter and sulci at random; "mni" takes the MNI152 average brain (nilearn);
            "voronoi" is a mosaic without anatomy, for tests of what a network has learnt of tissue; "colin" takes
            brain, skull and skin of a real head (Debian's package mricron-data).
        thin_share: share of the contrast that a vessel of vanishing radius keeps; 1: blood is as bright in all of them.
        confounders: False leaves out bright structures that are not arteries of the brain: veins, meningeal arteries,
            spots.
    """

    def __init__(
        self,
        spacing: float = 0.6,
        contrast: tuple[float, float] = (2.0, 2.9),
        venous_contrast: tuple[float, float] = (0.2, 0.7),
        meningeal_contrast: tuple[float, float] = (0.4, 0.9),
        noise: tuple[float, float] = (0.10, 0.15),
        bias: tuple[float, float] = (0.06, 0.14),
        tissue: str = "procedural",
        thin_share: float = THIN_SHARE,
        confounders: bool = True,
    ) -> None:
        if spacing <= 0:
            raise ValueError(f"spacing must be positive, got {spacing} mm.")
        if tissue not in SOURCES:
            raise ValueError(f"tissue must be {' or '.join(SOURCES)}, got {tissue}.")
        self.spacing = spacing
        self.contrast = contrast
        self.venous_contrast = venous_contrast
        self.meningeal_contrast = meningeal_contrast
        self.noise = noise
        self.bias = bias
        self.tissue = tissue
        self.thin_share = thin_share
        self.confounders = confounders

    def __call__(self, tree: VesselTree, seed: int | tuple[int, ...]) -> SimulatedScan:
        """Simulate one scan; the same tree, settings and seed give the same scan.

        Anatomy, vessel signal and scanner draw from streams of their own: another noise level, contrast or spacing
        shows the same head.
        """
        anatomy, vessels, scanner = random_streams(seed)
        parts = self.signal(tree, anatomy, vessels, scanner)
        scan = self.acquire(parts, scanner)
        brain_mask = interpolate(parts.head.depth(), SHAPE_SPACING, scan.shape, self.spacing) > 0
        return SimulatedScan(scan, parts.label(), brain_mask, parts.affine())

    def acquire(self, parts: HeadSignal, scanner: np.random.Generator) -> np.ndarray:
        """The scan of a head, float32 (X, Y, Z): coils, point spread, noise and gain, drawn from `scanner`."""
        signal = parts.tissue + parts.blood
        field = bias_field(parts.head, scanner.uniform(*self.bias), signal.shape, self.spacing, scanner)
        field *= parts.slabs
        signal *= field
        sigma = scanner.uniform(*self.noise)
        gain = SCALE * np.exp(scanner.normal(0, 0.3))
        return acquire(signal, self.spacing, sigma, scanner) * np.float32(gain)

    def signal(
        self, tree: VesselTree, anatomy: np.random.Generator, vessels: np.random.Generator, scanner: np.random.Generator
    ) -> HeadSignal:
        """What a tree's head would show without coils and noise.

        Args:
            tree: its arteries.
            anatomy, vessels, scanner: draw tissue and veins, brightness of vessels, and slabs.
        """
        points = to_ras(tree.points)  # (N, 3)
        head = head_around(points)
        shape = head.grid_shape(self.spacing)
        large = tree.radii > LARGE_ARTERY
        tissue = tissue_signal(head, points[large], anatomy, self.tissue)
        signal = interpolate(tissue, TISSUE_SPACING, shape, self.spacing)
        heights = head.origin[2] + self.spacing * np.arange(shape[2])
        slabs, inflow = slab_profile(heights, scanner)

        tubes = venous_tubes(head, vessels.uniform(*self.venous_contrast), anatomy)
        tubes += meningeal_tubes(head, vessels.uniform(*self.meningeal_contrast), anatomy)
        spots = bright_spots(head, anatomy)
        bare = signal.copy()
        if self.confounders:  # drawn in any case, so that the arteries' contrast does not change
            self._add_tubes(signal, head, tubes)
            for centre, semi_axes, brightness in spots:
                self._add_spot(signal, head, centre, semi_axes, brightness)

        contrast = inflow_contrast(tree, vessels.uniform(*self.contrast), vessels, self.thin_share)  # (N,)
        start, end = tree.segments()
        voxels = (points - head.origin) / self.spacing  # (N, 3)
        radii = tree.radii / self.spacing
        values = (contrast[start] + contrast[end]) / 2
        fraction, blood = rasterise_segments(voxels[start], voxels[end], radii[start], radii[end], values, shape)
        blood *= inflow
        blood += 1
        blood -= signal
        blood *= fraction
        # blood is never darker than the tissue it displaces
        np.maximum(blood, 0, out=blood)
        centreline = rasterise_centreline(voxels[start], voxels[end], shape)
        return HeadSignal(head, (self.spacing,) * 3, bare, signal, blood, fraction, centreline, slabs)

    def _add_tubes(self, signal: np.ndarray, head: Head, tubes: list[Tube]) -> None:
        """Draw vessels into the signal, in place."""
        start, end = (np.concatenate([tube.points[part] for tube in tubes]) for part in (slice(-1), slice(1, None)))
        first, last = (np.concatenate([tube.radii[part] for tube in tubes]) for part in (slice(-1), slice(1, None)))
        values = np.concatenate([np.full(len(tube.points) - 1, tube.contrast) for tube in tubes])
        start, end = ((ends - head.origin) / self.spacing for ends in (start, end))
        first, last = first / self.spacing, last / self.spacing
        fraction, contrast = rasterise_segments(start, end, first, last, values, signal.shape)
        signal += fraction * np.maximum(1 + contrast - signal, 0)

    def _add_spot(
        self, signal: np.ndarray, head: Head, centre: np.ndarray, semi_axes: np.ndarray, contrast: float
    ) -> None:
        """Draw a soft-edged ellipsoid into the signal, in place."""
        middle, reach = (centre - head.origin) / self.spacing, 1.5 * semi_axes / self.spacing
        low, high = np.maximum(middle - reach, 0).astype(int), np.minimum(middle + reach + 1, signal.shape).astype(int)
        window = tuple(slice(first, last) for first, last in zip(low, high))
        grid = np.stack(np.meshgrid(*(np.arange(s.start, s.stop) for s in window), indexing="ij"), axis=-1)
        radius = np.linalg.norm((grid - middle) * self.spacing / semi_axes, axis=-1)
        weight = np.clip((1.2 - radius) / 0.4, 0, 1).astype(np.float32)
        signal[window] += weight * np.maximum(1 + contrast - signal[window], 0)
