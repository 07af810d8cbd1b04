"""Crops of scans that are acquired while the training runs, a pure function of seed and iteration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import median_abs_deviation
from torch import Tensor
from torch.utils.data import Dataset

from ..io.user_error import BadInput
from ..simulation.head_file import DEPTH_STEP, HeadFile, read_head
from ..transforms.normalisation import BRIGHTEST, DARKEST, MAD_TO_SIGMA
from ..transforms.smooth_noise import smooth_noise
from .random_scanner import RandomScanner, Sample
from .random_view import View, random_view
from .synthetic_vessels import SyntheticVessels

ROUNDING = 1e-6  # mm
STRIDE = 6  # of the sparse sample of a head
RIM = 6  # voxels around a crop that blur and frequencies need
BRAIN_SHARE = 0.85  # of the crops whose centre lies in the brain, whatever the mask
VESSEL_UNIT = 0.6  # of white matter: five deviations of the noise, the unit of normalised intensity


@dataclass(frozen=True)
class _Head:
    file: HeadFile
    sample: Sample  # sparse
    depth: np.ndarray  # mm, sparse
    estimated: np.ndarray  # bool, sparse
    positions: list[np.ndarray]  # voxels, sparse


class HeadCropDataset(Dataset):
    """Item i is all that iteration i + 1 needs, drawn from (seed, i) whatever the number of loader workers.

    An item holds, for B crops of side S (in a distributed run, for this process's share of them), `image` and `label`
    (B, 1, S, S, S): crops normalised in a brain mask, 0 outside it, and their vessels, 0 or 1. Every crop has a scanner
    of its own (`RandomScanner`) and a field of view and brain mask of its own (`random_view`); both act before the
    normalisation, as they do in a scan.

    Args:
        heads: files of `write_heads`, dictionaries with `image`.
        crop_size: S, voxels.
        synthetic_vessels: adds vessels of known place to some of the crops; None adds none.
        synthetic_share: of the crops.
        noise, point_spread, coarser: of the scanners, see `RandomScanner`.
        crops: B, over all processes.
        spacing: mm.
        iterations: length of the data set.
        seed: of every draw.
        rank, world_size: of a distributed run.

    Raises:
        ValueError: there is no head, one of another spacing, or the processes cannot share the crops evenly.
    """

    def __init__(
        self,
        heads: Sequence[dict[str, str]],
        crop_size: int,
        synthetic_vessels: SyntheticVessels | None = None,
        synthetic_share: float = 0.3,
        noise: tuple[float, float] = (0.04, 0.3),
        point_spread: tuple[float, float] = (0.25, 1.1),
        coarser: float = 0.25,
        crops: int = 12,
        spacing: float = 0.6,
        iterations: int = 20000,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        if not heads or crops % world_size:
            raise BadInput(f"{len(heads)} heads; crops ({crops}) must be divisible by {world_size} processes.")
        self.heads = [_sparse(_read(head["image"], spacing)) for head in heads]
        self.size = crop_size
        self.synthetic_vessels = synthetic_vessels
        self.synthetic_share = synthetic_share
        self.noise = noise
        self.point_spread = point_spread
        self.coarser = coarser
        self.slots = range(rank, crops, world_size)
        self.spacing = spacing
        self.iterations = iterations
        self.seed = seed

    def __len__(self) -> int:
        return self.iterations

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        parts = [self.draw(np.random.default_rng([self.seed, index, 6, slot])) for slot in self.slots]
        images, labels = zip(*parts)
        return {"image": torch.stack(images), "label": torch.stack(labels)}

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Image and label of one crop, float32, (1, S, S, S) each."""
        head = self.heads[int(rng.integers(len(self.heads)))]
        shape = head.file.bare.shape
        view = random_view(shape, self.spacing, rng)
        within = view.mask(head.depth, head.estimated, head.positions)
        corner = self._corner(head, within, view, rng)
        window = tuple(slice(max(c, 0), min(c + self.size + 2 * RIM, side)) for c, side in zip(corner, shape))
        crop, depth, label = self._cut(head.file, window)
        added, place = self._vessels(window, corner, depth, rng)
        scanner = RandomScanner(rng, self.noise, self.point_spread, self.coarser)
        image, deviation = scanner.acquire(crop, added)
        tissue = scanner.sample(head.sample, deviation)[within]
        image = _normalise(image, tissue)
        positions = [line * (side - 1) for line, side in zip(crop.positions, shape)]
        wobble = smooth_noise(image.shape, 8.0, rng) if view.uneven else 0.0
        mask = view.mask(depth, head.file.estimated[window], positions, wobble)
        volumes = np.stack([image * mask, (label | place) & mask]).astype(np.float32)
        whole = np.zeros((2, *[self.size + 2 * RIM] * 3), dtype=np.float32)
        inside = tuple(slice(w.start - c, w.stop - c) for w, c in zip(window, corner))
        whole[:, inside[0], inside[1], inside[2]] = volumes
        whole = whole[:, RIM:-RIM, RIM:-RIM, RIM:-RIM]
        if rng.uniform() < 0.5:
            whole = whole[:, ::-1]
        image, label = torch.from_numpy(np.ascontiguousarray(whole))
        return image[None], label[None]

    def _corner(self, head: _Head, within: np.ndarray, view: View, rng: np.random.Generator) -> list[int]:
        """Lowest voxel of a crop with its rim, around a voxel of the mask."""
        brain = within & (head.depth > 0)
        inside = brain if rng.uniform() < BRAIN_SHARE and brain.any() else within
        voxels = np.flatnonzero(inside)
        index = np.unravel_index(int(voxels[rng.integers(len(voxels))]), inside.shape)
        centre = np.array(index) * STRIDE + rng.integers(STRIDE, size=3)
        half = self.size // 2
        high = np.array(head.file.bare.shape) - half
        return [int(c) - half - RIM for c in np.maximum(np.minimum(centre, high), half)]

    def _cut(self, file: HeadFile, window: tuple[slice, ...]) -> tuple[Sample, np.ndarray, np.ndarray]:
        positions = _positions(file.bare.shape, window)
        crop = Sample(file.bare[window], file.veins[window], file.blood[window], positions)
        return crop, file.depth[window] * np.float32(DEPTH_STEP), file.label[window]

    def _vessels(
        self, window: tuple[slice, ...], corner: list[int], depth: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray | float, np.ndarray | bool]:
        """Signal and place of added vessels in the brain."""
        if self.synthetic_vessels is None or rng.uniform() >= self.synthetic_share:
            return 0.0, False
        signal, place = self.synthetic_vessels.draw(rng)  # (1, S, S, S) each
        padded = [np.pad(part[0].numpy(), RIM) for part in (signal * VESSEL_UNIT, place)]
        inside = tuple(slice(w.start - c, w.stop - c) for w, c in zip(window, corner))
        brain = depth > 0
        return padded[0][inside] * brain, padded[1][inside] & brain


def _read(path: str, spacing: float) -> HeadFile:
    head = read_head(path)
    if abs(head.spacing - spacing) > ROUNDING:
        raise BadInput(
            f"{path}: is a head of {head.spacing:g} mm, this training has a spacing of {spacing:g} mm; give heads that "
            f"configs/heads.yaml made with --spacing {spacing:g}."
        )
    return head


def _sparse(file: HeadFile) -> _Head:
    every = (slice(None, None, STRIDE),) * 3
    parts = [np.ascontiguousarray(volume[every]) for volume in (file.bare, file.veins, file.blood)]
    sample = Sample(parts[0], parts[1], parts[2], _positions(file.bare.shape, every))
    depth = file.depth[every] * np.float32(DEPTH_STEP)
    estimated = file.estimated[every]
    return _Head(
        file, sample, depth, estimated, list(np.ogrid[tuple(slice(0, side, STRIDE) for side in file.bare.shape)])
    )


def _positions(shape: tuple[int, ...], window: tuple[slice, ...]) -> list[np.ndarray]:
    """Of the voxels of a window, from 0 to 1 along the head: (X, 1, 1), (1, Y, 1), (1, 1, Z)."""
    lines = [np.linspace(0, 1, side)[part] for side, part in zip(shape, window)]
    return list(np.ix_(*lines))


def _normalise(image: np.ndarray, tissue: np.ndarray) -> np.ndarray:
    """As `NormaliseInBraind`, with median and deviation of a sample of the mask's voxels."""
    median = np.median(tissue)
    sigma = MAD_TO_SIGMA * median_abs_deviation(tissue) or tissue.std() or 1.0
    return np.clip((image - median) / (5 * sigma) + 1, DARKEST, BRIGHTEST)
