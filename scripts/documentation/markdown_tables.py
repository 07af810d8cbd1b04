"""Tables of a Markdown page, so that figures and tests read the same numbers as people."""

from __future__ import annotations

import re

Row = dict[str, str]  # heading of the column -> text of the cell, without bold marks and links


def read_tables(text: str) -> list[list[Row]]:
    """All tables of a page, in order; each is a list of its rows."""
    tables: list[list[Row]] = []
    header: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            header = []
        elif not header:
            header = _cells(line)
            tables.append([])
        elif not re.fullmatch(r"[|\-: ]+", line):
            tables[-1].append(dict(zip(header, _cells(line))))
    return tables


def _cells(line: str) -> list[str]:
    return [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", cell).replace("**", "").strip() for cell in line.split("|")[1:-1]]
