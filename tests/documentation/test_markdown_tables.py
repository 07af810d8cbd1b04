from __future__ import annotations

from scripts.documentation.markdown_tables import read_tables

PAGE = """text | with a bar

| system | DSC |
|---|---|
| **ours** | 0.5 |
| [theirs](x.md) | |

| a |
| --- |
| 1 |
"""


def test_tables_are_read_in_order_without_marks() -> None:
    ours, theirs = {"system": "ours", "DSC": "0.5"}, {"system": "theirs", "DSC": ""}
    assert read_tables(PAGE) == [[ours, theirs], [{"a": "1"}]]


def test_a_page_without_tables() -> None:
    assert read_tables("nothing\n") == []
