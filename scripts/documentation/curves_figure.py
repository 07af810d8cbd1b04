"""The curves of docs/ablations.md, drawn from the page's own table: validation over the iterations of stage 2."""

from __future__ import annotations

from pathlib import Path

from .figure_file import write_figure
from .markdown_tables import Row, read_tables

COLOURS = 10  # of matplotlib, after which they come again
RUN = "run"  # heading of the table's first column; those of the others are iterations


def curves_rows(page: Path) -> list[Row]:
    """Rows of the page's table of runs.

    Raises:
        ValueError: the page has none.
    """
    for table in read_tables(page.read_text(encoding="utf-8")):
        if next(iter(table[0])) == RUN:
            return table
    raise ValueError(f"{page}: no table whose first column is called {RUN}.")


def write_curves_figure(page: Path, path: Path) -> None:
    """One curve a row, DSC over iterations, as PNG; cells without a number are left out.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # here and not above: it is a dependency of developers alone

    rows = curves_rows(page)
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    axes = figure.subplots()
    for index, row in enumerate(rows):
        points = [(int(column), float(cell)) for column, cell in row.items() if cell.replace(".", "", 1).isdigit()]
        line = "-" if index < COLOURS else "--"
        axes.plot(*zip(*points), line, marker="o", markersize=3, label=row[RUN])
    axes.set(ylim=(0, 1), xlabel="iterations of stage 2", ylabel="DSC on the validation scan")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left", frameon=False, fontsize=8)
    write_figure(figure, path, rows)
