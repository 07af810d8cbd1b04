"""`report.html`: what a run of inference left, on one page that needs nothing else."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader

from ..io.atomic_file import write_atomically
from ..io.result_names import REPORT, SUMMARY
from ..io.summary_rows import summary_rows
from ..io.user_error import MissingInput
from ..results.run_summary import IDENTITY
from ..results.summary_table import STARTED, Row
from .case_parts import case_cell, case_picture, case_radii, case_volumes
from .fetch_viewer import VERSION

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
HEADINGS = {
    "vessel_volume_ml": "vessels (ml)",
    "length_m": "length (m)",
    "length_thin_m": "thin (m)",
    "length_medium_m": "medium (m)",
    "length_thick_m": "thick (m)",
    "branches": "branches",
    "end_points": "ends",
    "mean_radius_mm": "mean radius (mm)",
    "max_radius_mm": "max radius (mm)",
    "brain_volume_ml": "brain mask (ml)",
    "brain_mask": "mask from",
    "seconds": "time (s)",
}
HIDDEN = ("name", "settings", *IDENTITY)  # columns that the page has not


def write_report_page(results_dir: str, viewer: str, names: bool = False, volumes: int = 40) -> None:
    """Write `<results_dir>/report.html` of all rows of `summary.csv` there, with previews and 3D views.

    Cases are called by the number of their row, unless names are asked for; cells that would give a name away (the
    name itself, a path) then say where to look. Of headers nothing but the voxel size is used.

    Args:
        results_dir: the `output_dir` of inference.
        viewer: NiiVue's browser build (`make viewer`); where there is none, the page has no 3D view and says so.
        names: whether the names of the scans may appear.
        volumes: number of cases, from the first, that get a 3D view; each adds up to 3 MB.

    Raises:
        FileNotFoundError: there is no `summary.csv`.
    """
    folder = Path(results_dir)
    if not (folder / SUMMARY).is_file():
        raise MissingInput(f"{folder}: holds no {SUMMARY}; give --results_dir the output_dir of inference.")
    while True:
        table = summary_rows(folder / SUMMARY)
        _write_page(folder, table, viewer, names, volumes)
        now = summary_rows(folder / SUMMARY)
        if now == table or any(row.get("status") == STARTED for row in now):
            return  # where another command ended meanwhile, its page was overwritten; one that goes on will write it


def _write_page(folder: Path, table: list[Row], viewer: str, names: bool, volumes: int) -> None:
    known = [column for column in (table[0] if table else HEADINGS) if column not in HIDDEN]
    columns = [column for column in known if any(row[column] for row in table)]
    rows: list[dict[str, Any]] = []
    left = volumes if Path(viewer).is_file() else 0
    for number, row in enumerate(table):
        views = case_volumes(folder, row) if left else {}
        left -= bool(views)
        rows.append(
            {
                "number": number,
                "label": row["name"] if names else f"Case {number + 1}",
                "cells": [case_cell(row, column, names) for column in columns],
                "picture": case_picture(folder, row, len(table)),
                "volumes": views,
                "radii": case_radii(folder, row),
            }
        )
    embedded = sum(bool(row["volumes"]) for row in rows)
    known_radii = [row["radii"] for row in rows if row["radii"]]
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, keep_trailing_newline=True)
    page = environment.get_template("page.html").render(
        rows=rows,
        radii=np.sum(known_radii, axis=0).tolist() if known_radii else [],
        radii_of=len(known_radii),
        names=names,
        headings=["case", *(HEADINGS.get(column, column.replace("_", " ")) for column in columns)],
        has_viewer=Path(viewer).is_file(),
        viewer=_script(Path(viewer)) if embedded else "",
        version=VERSION,
        licence=_text("viewer_licence.txt"),
        style=_text("page.css"),
        script=_text("page.js"),
    )
    write_atomically(folder / REPORT, lambda partial: partial.write_text(page, encoding="utf-8"))
    logger.info("%s: %d cases, %d with a 3D view", folder / REPORT, len(rows), embedded)


def _script(file: Path) -> str:
    """A script as it may stand inside a page: nothing in it ends the element."""
    return file.read_text(encoding="utf-8").replace("</script", "<\\/script")


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
