"""Which files inference leaves of a case, and whether they are there."""

from __future__ import annotations

import csv
from pathlib import Path

SUMMARY = "summary.csv"
OUTPUTS = ("_vessels.nii.gz", "_probability.nii.gz", "_preview.png")
CONFIDENCE = "_confidence.nii.gz"


def summary_rows(file: Path) -> dict[str, dict[str, str]]:
    """Rows of `summary.csv` by the case's name; none where there is no such file."""
    if not file.exists():
        return {}
    with open(file, newline="", encoding="utf-8") as stream:
        return {row["name"]: row for row in csv.DictReader(stream)}


def is_done(output_dir: Path, name: str, confidence: bool = False) -> bool:
    """Whether a case's row says so and all its files are there. The row is written last, so no file is half a file."""
    row = summary_rows(output_dir / SUMMARY).get(name, {})
    files = [output_dir / f"{name}{end}" for end in (*OUTPUTS, *([CONFIDENCE] if confidence else []))]
    return row.get("status") == "done" and all(file.is_file() for file in files)
