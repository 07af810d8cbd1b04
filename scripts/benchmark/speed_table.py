"""Tables of what was measured."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..io.markdown_table import markdown_table
from .apart import Cost


def systems_table(folder: Path, names: Sequence[str]) -> str:
    """Markdown: the systems that were measured, beside the first of them.

    Args:
        folder: holds `<name>.json` of every system that was measured, and its mask `<name>.npy` where it makes one.
        names: of systems, in order.
    """
    rows = []
    first = read_cost(folder / f"{names[0]}.json")
    for name in names:
        cost = read_cost(folder / f"{name}.json")
        if cost is None:
            continue
        time = f"{cost.cpu_seconds / first.cpu_seconds:.2f}" if first else ""
        memory = f"{cost.above / first.above:.2f}" if first and first.above > 0 else ""
        agreement = _agreement(folder / f"{name}.npy", folder / f"{names[0]}.npy")
        figures = (f"{cost.cpu_seconds:.0f}", time, f"{cost.above:.0f}", memory, f"{cost.peak:.0f}")
        rows.append([name, *figures, agreement])
    header = ["system", "processor (s)", "of the first", "memory (MiB)", "of the first", "peak (MiB)"]
    return markdown_table([*header, "DSC with the first"], rows) + "\n"


def read_growth(folder: Path, name: str) -> list[tuple[float, Cost]]:
    """Million voxels and cost of one system on its phantoms, by voxels; their folders are named like 67x67x18."""
    found = [(_voxels(path.parent.name) / 1e6, read_cost(path)) for path in folder.glob(f"*/{name}.json")]
    return sorted((voxels, cost) for voxels, cost in found if cost is not None)


def growth_table(growth: Sequence[tuple[float, Cost]]) -> str:
    """Markdown: the cost of one system over voxels, from `read_growth`."""
    rows = []
    for voxels, cost in growth:
        seconds = [f"{cost.cpu_seconds:.0f}", f"{cost.cpu_seconds / voxels:.2f}"]
        rows.append([f"{voxels:.1f}", *seconds, f"{cost.above:.0f}", f"{cost.above / voxels:.1f}"])
    header = ["million voxels", "processor (s)", "s per million", "memory (MiB)", "MiB per million"]
    return markdown_table(header, rows) + "\n"


def read_cost(path: Path) -> Cost | None:
    """A result file; None where it is not there."""
    return Cost(**json.loads(path.read_text())) if path.is_file() else None


def _voxels(name: str) -> int:
    return math.prod(int(side) for side in name.split("x"))


def _agreement(one: Path, other: Path) -> str:
    """DSC of two masks, (D, H, W) bool in .npy files; empty where one is missing."""
    if not (one.is_file() and other.is_file()):
        return ""
    a, b = np.load(one), np.load(other)
    return f"{2 * np.count_nonzero(a & b) / max(np.count_nonzero(a) + np.count_nonzero(b), 1):.4f}"
