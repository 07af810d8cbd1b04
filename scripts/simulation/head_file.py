"""Noise-free heads with known arteries, of which training makes scans while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..io.atomic_file import write_atomically
from ..io.user_error import BadInput
from ..vessels.bounding_box import bounding_box
from .head import SHAPE_SPACING, interpolate
from .tof_mra import HeadSignal

TISSUE_STEP, BLOOD_STEP = 0.01, 0.03  # white matter = 1; of one grey value
DEPTH_STEP = 0.5  # mm
AROUND = 14.0  # mm of the surroundings of the brain that are kept
VOLUMES = ("bare", "veins", "blood", "depth", "label", "estimated")


@dataclass(frozen=True)
class HeadFile:
    """A head on an isotropic RAS grid, (X, Y, Z) each.

    Attributes:
        bare: uint8, tissue in steps of TISSUE_STEP.
        veins: uint8, what veins and bright spots add to it, in the same steps.
        blood: uint8, what arteries add, in steps of BLOOD_STEP.
        depth: int8, depth below the brain's surface in steps of DEPTH_STEP, negative outside.
        label: bool, the arteries.
        estimated: bool, the brain mask that `estimate_brain_mask` finds in a scan of it.
        spacing: of the grid, mm.
    """

    bare: np.ndarray
    veins: np.ndarray
    blood: np.ndarray
    depth: np.ndarray
    label: np.ndarray
    estimated: np.ndarray
    spacing: float


def write_head(parts: HeadSignal, estimated: np.ndarray, path: Path) -> None:
    """Write a head and its estimated brain mask, (X, Y, Z), cropped to its brain and what lies around."""
    depth = interpolate(parts.head.depth(), SHAPE_SPACING, parts.bare.shape, parts.spacing[0])
    volumes = {
        "bare": _steps(parts.bare, TISSUE_STEP),
        "veins": _steps(parts.tissue - parts.bare, TISSUE_STEP),
        "blood": _steps(parts.blood, BLOOD_STEP),
        "depth": np.clip(depth / DEPTH_STEP, -127, 127).round().astype(np.int8),
        "label": parts.label(),
        "estimated": estimated,
    }
    window = bounding_box(depth > -AROUND)
    kept = {key: np.ascontiguousarray(volume[window]) for key, volume in volumes.items()}
    kept["spacing"] = np.array(parts.spacing[0])
    write_atomically(path, lambda partial: np.savez_compressed(partial, **kept))  # type: ignore[arg-type]


def read_head(path: str | Path) -> HeadFile:
    """Read what `write_head` wrote.

    Raises:
        ValueError: the file is not a head.
    """
    try:
        with np.load(path) as volumes:
            return HeadFile(**{key: volumes[key] for key in VOLUMES}, spacing=float(volumes["spacing"]))
    except (KeyError, OSError, ValueError) as error:
        raise BadInput(
            f"{path}: is no head of this version ({error}); remove it, and configs/heads.yaml writes it anew."
        ) from error


def _steps(volume: np.ndarray, step: float) -> np.ndarray:
    return np.clip(volume / step, 0, 255).round().astype(np.uint8)
