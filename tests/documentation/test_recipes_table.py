from __future__ import annotations

from pathlib import Path

import pytest

from scripts.documentation.recipes_table import BEGIN, END, recipes_table, with_recipes_table

ROOT = Path(__file__).parents[2]


def test_a_row_has_the_recipes_configs_and_values(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("config_file: configs/inference.yaml\n")
    (tmp_path / "a.yaml").write_text("# what for\nconfig_file: [configs/train.yaml, configs/cpu.yaml]\nepochs: 3\n")
    assert recipes_table(tmp_path).splitlines()[2:] == ["| `a` | train, cpu | `epochs: 3` |", "| `b` | inference |  |"]


def test_the_table_between_the_marks_is_replaced() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_recipes_table(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"


@pytest.mark.parametrize("page", ["no marks", BEGIN, END])
def test_a_page_without_marks_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="recipes: begin"):
        with_recipes_table(page, "new")


def test_the_page_has_todays_recipes() -> None:
    page = (ROOT / "docs/reproduce.md").read_text(encoding="utf-8")
    remedy = "docs/reproduce.md is not up to date: run `python -m scripts.documentation`"
    assert recipes_table(ROOT / "configs/recipes") in page, remedy


def test_configs_and_recipes_are_all_described() -> None:
    page = (ROOT / "docs/configs.md").read_text(encoding="utf-8")
    configs = {file.stem for file in (ROOT / "configs").glob("*.yaml")}
    assert {name for name in configs if f"| `{name}` |" not in page} == set()
    recipes = {file.stem for file in (ROOT / "configs/recipes").glob("*.yaml")}
    endings = {name for name in recipes if f"`{name}`" not in page and f"`_{name.partition('_')[2]}`" not in page}
    assert endings == set()
