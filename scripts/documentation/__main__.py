"""`python -m scripts.documentation [DEMO]`: tables and figures of docs/; with a folder of `make demo` all pictures."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from ..io.atomic_file import write_atomically
from .curves_figure import write_curves_figure
from .demo_pictures import write_scan_and_vessels, write_simulated_scan
from .recipes_table import recipes_table, with_recipes_table
from .results_figure import write_results_figure
from .stages_diagram import write_stages_diagram
from .synthetic_vessels_picture import write_synthetic_vessels

ROOT = Path(__file__).parents[2]
DOCS, IMAGES = ROOT / "docs", ROOT / "docs" / "images"


def write_tables_and_figures() -> None:
    """Write what is made from the recipes and from the tables of the pages."""
    page = DOCS / "reproduce.md"
    text = with_recipes_table(page.read_text(encoding="utf-8"), recipes_table(ROOT / "configs" / "recipes"))
    write_atomically(page, partial(Path.write_text, data=text, encoding="utf-8", newline=""))
    write_results_figure(DOCS / "results.md", IMAGES / "results.png")
    write_curves_figure(DOCS / "ablations.md", IMAGES / "curves.png")
    write_stages_diagram(IMAGES / "stages.png")


def write_pictures(demo: Path) -> None:
    """Write the pictures of the scan in a folder that `make demo` left."""
    write_scan_and_vessels(demo, IMAGES / "scan_and_vessels.png")
    write_simulated_scan(demo, IMAGES / "simulated_scan.png")
    write_synthetic_vessels(demo, IMAGES / "synthetic_vessels.png")


if __name__ == "__main__":
    write_tables_and_figures()
    for folder in sys.argv[1:]:
        write_pictures(Path(folder))
