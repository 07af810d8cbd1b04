"""docs/reliability.md names tests that exist and licences of all that is pinned."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def named_tests() -> list[tuple[str, str]]:
    """File and function of every test in the tables; one without a file is of the file before it."""
    found, file = [], ""
    for before, function in re.findall(r"`([\w/]*(?:\.py)?)::(\w+)`", PAGE):
        file = before or file
        found.append((file, function))
    return found


@pytest.mark.parametrize(("file", "function"), sorted(set(named_tests())))
def test_every_test_of_the_table_exists(file: str, function: str) -> None:
    assert f"def {function}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


def test_every_row_has_a_test() -> None:
    rows = [line for line in PAGE.partition("## Licences")[0].splitlines() if line.startswith("| ")]
    rows = [row for row in rows if not row.startswith("| fault")]
    assert len(rows) > 40
    assert [row for row in rows if "::" not in row and "the same two" not in row and "not tested" not in row] == []


def test_every_pinned_package_has_its_licence() -> None:
    pinned = set(re.findall(r"^([\w-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert pinned == set(re.findall(r"^\| ([\w-]+) \|", PAGE.partition("## Licences")[2], re.MULTILINE)) - {"package"}
