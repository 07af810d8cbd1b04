"""Every number that a run or an evaluation writes has its unit and its source in one table."""

from __future__ import annotations

import re

import pytest

from scripts.documentation.markdown_tables import read_tables
from scripts.metrics.case_metrics import METRICS
from scripts.results.run_summary import COLUMNS
from tests.run_inference import ROOT

TABLES = read_tables((ROOT / "docs" / "use.md").read_text(encoding="utf-8"))
NUMBERS = next(table for table in TABLES if "source" in table[0])
OTHERS = next(table for table in TABLES if list(table[0]) == ["column", "what it is"])
WORDS = {"name", "status", "brain_mask", "settings", "scan", "scan_sha256", "brain_mask_sha256", "warnings", "error"}


def columns(table: list[dict[str, str]], file: str = "") -> list[str]:
    return [name for row in table if row.get("in", "") == file for name in re.findall(r"`(\w+)`", row["column"])]


@pytest.mark.parametrize(
    ("file", "written"),
    [("`summary.csv`", set(COLUMNS) - WORDS), ("`metrics.csv`", set(METRICS))],
    ids=["summary", "metrics"],
)
def test_the_table_has_every_number_once(file: str, written: set[str]) -> None:
    told = columns(NUMBERS, file)
    assert set(told) == written and len(told) == len(written)
    assert all(row["unit"] and row["what it is"] and row["source"] for row in NUMBERS)


def test_columns_of_words_are_told_too() -> None:
    assert set(columns(OTHERS)) >= WORDS
    assert set(COLUMNS) > WORDS
