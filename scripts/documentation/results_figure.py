"""The figure of docs/results.md, drawn from the page's own first table."""

from __future__ import annotations

from pathlib import Path

from .figure_file import write_figure
from .markdown_tables import Row, read_tables

NAME, LABELS, SCORE = "system", "3D labels", "DSC"  # columns of the table
COLOURS = {"yes": "#7a7a7a", "2D": "#b5b5b5", "synthetic": "#8f2d56", "no": "#d1495b"}  # by the column of labels
FILTER_COLOUR = "#8fb8de"


def results_rows(page: Path) -> list[Row]:
    """Rows of the page's first table."""
    return read_tables(page.read_text(encoding="utf-8"))[0]


def write_results_figure(page: Path, path: Path) -> None:
    """Bars of DSC with the standard deviation over subjects, one per row of the table, as PNG.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # here and not above: it is a dependency of developers alone

    rows = results_rows(page)
    figure = Figure(figsize=(10, 0.42 * len(rows) + 1.1), layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(rows):
        score, deviation = (float(number) for number in row[SCORE].split(" ± "))
        axes.barh(place, score, xerr=deviation, color=_colour(row), error_kw={"ecolor": "#444444", "capsize": 3})
        axes.text(0.01, place, f"{score:.3f}", va="center", color="white", fontweight="bold")
    axes.set_yticks(range(len(rows)), [row[NAME] for row in rows])
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="DSC on five simulated test subjects (mean and standard deviation)")
    axes.spines[["top", "right"]].set_visible(False)
    legend = {
        "no 3D labels": COLOURS["no"],
        "synthetic labels": COLOURS["synthetic"],
        "classical filter": FILTER_COLOUR,
    }
    for name, colour in {**legend, "2D labels": COLOURS["2D"], "3D labels": COLOURS["yes"]}.items():
        axes.barh(0, 0, color=colour, label=name)
    axes.legend(loc="lower right", frameon=False)
    write_figure(figure, path, rows)


def _colour(row: Row) -> str:
    return FILTER_COLOUR if "filter" in row[NAME] or "threshold" in row[NAME] else COLOURS[row[LABELS]]
