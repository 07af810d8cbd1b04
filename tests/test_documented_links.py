"""Links between pages and to their headings lead somewhere; tables are whole; numbers that are told twice agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.documentation.markdown_tables import read_tables

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
OTHERS = [file for folder in ("configs", "scripts") for file in sorted((ROOT / folder).rglob("*.*"))]
TEXTS = [*PAGES, ROOT / "docs/data_license.txt", *(file for file in OTHERS if file.suffix in (".py", ".yaml"))]


def anchors(page: Path) -> set[str]:
    """What GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name if page.parent == ROOT else f"docs/{page.name}")
def test_every_link_leads_to_a_file_and_heading(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name if page.parent == ROOT else f"docs/{page.name}")
def test_the_rows_of_a_table_have_one_length(page: Path) -> None:
    columns = 0
    for line in page.read_text(encoding="utf-8").splitlines():
        count = line.count("|") if line.startswith("|") else 0
        assert 0 in (columns, count) or count == columns, line
        columns = count


def test_every_page_that_is_named_exists() -> None:
    named = {
        (text, name)
        for text in TEXTS
        for name in re.findall(r"docs/[\w./-]+?\.(?:md|txt)", text.read_text(encoding="utf-8"))
    }
    assert named and [(text, name) for text, name in named if not (ROOT / name).is_file()] == []


def test_every_picture_is_shown_somewhere() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = sorted((ROOT / "docs/images").iterdir())
    assert pictures and [picture.name for picture in pictures if f"images/{picture.name}" not in pages] == []
    assert sum(picture.stat().st_size for picture in pictures) < 2e6


@pytest.mark.parametrize("page", ["README.md", "docs/README.md"])
def test_results_that_are_told_twice_agree(page: str) -> None:
    told = {row["system"]: row for row in read_tables((ROOT / "docs/results.md").read_text(encoding="utf-8"))[0]}
    tables = read_tables((ROOT / page).read_text(encoding="utf-8"))
    rows = [row for table in tables for row in table if {"system", "DSC"} <= set(row)]
    assert 4 <= len(rows) <= 8
    for row in rows:
        assert row.items() <= told[row["system"]].items()


def test_the_metadata_have_the_results_numbers() -> None:
    metadata = (ROOT / "configs/metadata.json").read_text(encoding="utf-8")
    rows = read_tables((ROOT / "docs/results.md").read_text(encoding="utf-8"))[0]
    shipped = next(row for row in rows if row["system"] == "shipped weights")
    for key, column in (("test_dice", "DSC"), ("test_cldice", "clDice")):
        assert f'"{key}": {shipped[column].partition(" ")[0]}' in metadata
