"""The diagram of docs/method.md: which stage starts from which, and what guides it."""

from __future__ import annotations

from pathlib import Path

from .figure_file import write_figure

BOXES = {  # name: place of the middle (columns, rows), what guides it
    "stage 1": ((0.0, 0.5), "no guidance:\na patch is known again"),
    "synthetic vessels": ((1.0, 1.0), "trees of 2D masks, added\nto unlabelled scans"),
    "self-training": ((2.0, 1.0), "own masks of\nwhole scans"),
    "adaptation": ((3.0, 1.0), "own masks of new scans,\nsimulated heads, a guard"),
    "stage 2": ((1.0, 0.0), "a discriminator compares\nprojections with 2D masks"),
    "stage 3": ((2.0, 0.0), "own confident\npredictions of crops"),
}
ARROWS = (
    ("stage 1", "synthetic vessels"),
    ("synthetic vessels", "self-training"),
    ("self-training", "adaptation"),
    ("stage 1", "stage 2"),
    ("synthetic vessels", "stage 2"),
    ("stage 2", "stage 3"),
)
PAPER = {"stage 1", "stage 2", "stage 3"}
WIDTH, HEIGHT = 0.74, 0.5  # of a box, in columns and rows
OURS_COLOUR, PAPER_COLOUR = "#f6d5da", "#dbe7f3"


def write_stages_diagram(path: Path) -> None:
    """Write the diagram as PNG: the paper's stages blue, the bundle's own red.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # here and not above: it is a dependency of developers alone
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    figure = Figure(figsize=(11, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(-0.45, 3.45), ylim=(-0.4, 1.4))
    axes.axis("off")
    for name, ((x, y), guidance) in BOXES.items():
        colour = PAPER_COLOUR if name in PAPER else OURS_COLOUR
        corner = (x - WIDTH / 2, y - HEIGHT / 2)
        axes.add_patch(FancyBboxPatch(corner, WIDTH, HEIGHT, boxstyle="round,pad=0.02", fc=colour, ec="#555555"))
        axes.text(x, y + 0.14, name, ha="center", va="center", fontweight="bold", fontsize=11)
        axes.text(x, y - 0.08, guidance, ha="center", va="center", fontsize=9)
    for start, end in ARROWS:
        axes.add_patch(FancyArrowPatch(*_ends(start, end), arrowstyle="-|>", mutation_scale=14, color="#555555"))
    axes.text(-0.42, 1.3, "blue: in the paper   red: not in the paper", fontsize=9, color="#555555")
    write_figure(figure, path)


def _ends(start: str, end: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where an arrow leaves a box and reaches another: at the sides, or straight down in one column."""
    (x, y), (to_x, to_y) = BOXES[start][0], BOXES[end][0]
    if x == to_x:
        return (x, y - HEIGHT / 2 - 0.03), (to_x, to_y + HEIGHT / 2 + 0.03)
    return (x + WIDTH / 2 + 0.02, y), (to_x - WIDTH / 2 - 0.03, to_y)
