"""A picture of how time and memory grow with the scan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..io.atomic_file import write_atomically
from .apart import Cost


def write_growth_plot(path: Path, name: str, growth: Sequence[tuple[float, Cost]]) -> None:
    """Two curves over the voxels, time of processor and memory above the loaded scan, as PNG.

    Args:
        path: of the picture.
        name: of the system.
        growth: million voxels and cost, by voxels.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # here and not above: the picture alone needs it

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    voxels = [million for million, _ in growth]
    curves = {
        "processor (s)": [cost.cpu_seconds for _, cost in growth],
        "memory above scan and network (MiB)": [cost.above for _, cost in growth],
    }
    for axes, (label, values) in zip(figure.subplots(1, 2), curves.items()):
        axes.plot(voxels, values, marker="o")
        axes.set(xlabel="million voxels", ylabel=label, title=name, xlim=(0, None), ylim=(0, None))
        axes.grid(alpha=0.3)
    write_atomically(path, lambda part: figure.savefig(part, format="png", dpi=120))
