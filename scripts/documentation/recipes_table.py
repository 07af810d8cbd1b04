"""The table of docs/reproduce.md that lists every recipe, made from configs/recipes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ..io.markdown_table import markdown_table

BEGIN, END = "<!-- recipes: begin -->", "<!-- recipes: end -->"


def recipes_table(folder: Path) -> str:
    """Markdown table, a row per recipe: the configs that it lays over each other, and its own values."""
    rows = []
    for file in sorted(folder.glob("*.yaml")):
        values: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        configs = values.pop("config_file")
        names = ", ".join(Path(config).stem for config in ([configs] if isinstance(configs, str) else configs))
        settings = ", ".join(f"`{key}: {value}`" for key, value in values.items())
        rows.append([f"`{file.stem}`", names, settings])
    return markdown_table(["recipe", "configs, the later ones on top", "its own values"], rows)


def with_recipes_table(page: str, table: str) -> str:
    """A page whose table between the two marks is replaced.

    Raises:
        ValueError: the page has no marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page has no '{BEGIN}' with '{END}' after it.")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"
