"""Reading `summary.csv`, which says of a folder's results from which scan each was made."""

from __future__ import annotations

import csv
from pathlib import Path


def summary_rows(file: Path) -> list[dict[str, str]]:
    """Rows of `summary.csv`; none where there is no such file."""
    if not file.exists():
        return []
    with open(file, newline="", encoding="utf-8", errors="backslashreplace") as stream:
        return list(csv.DictReader(stream))
