"""Figures as PNG files that are the same wherever they are drawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..io.atomic_file import write_atomically
from .markdown_tables import Row


def write_figure(figure: Any, path: Path, rows: Sequence[Row] | None = None) -> None:
    """Write a figure of matplotlib.

    Args:
        figure: of the class matplotlib.figure.Figure.
        path: of the PNG.
        rows: of the table that it shows; they are written into the PNG's text, so that a test can tell whether the
            figure is that of today's table.
    """
    text = {"Software": ""} if rows is None else {"rows": json.dumps(rows), "Software": ""}
    write_atomically(path, lambda part: figure.savefig(part, format="png", dpi=110, metadata=text))
