"""Which files inference leaves of a case, and whether they are there."""

from __future__ import annotations

import csv
from pathlib import Path

SUMMARY = "summary.csv"
OUTPUTS = ("_vessels.nii.gz", "_probability.nii.gz", "_preview.png")
CONFIDENCE = "_confidence.nii.gz"  # where asked for
DICOM_SEG = "_vessels.dcm"  # where asked for, of a DICOM series


def summary_rows(file: Path) -> dict[str, dict[str, str]]:
    """Rows of `summary.csv` by the case's name; none where there is no such file."""
    if not file.exists():
        return {}
    with open(file, newline="", encoding="utf-8") as stream:
        return {row["name"]: row for row in csv.DictReader(stream)}


def is_done(output_dir: Path, case: dict[str, str], confidence: bool = False, dicom_seg: bool = False) -> bool:
    """Whether the case's row in `summary.csv`, which is written last, says so, and all its files are there.

    Args:
        output_dir: folder of the results.
        case: `name` and `image`.
        confidence, dicom_seg: these files are wanted too.
    """
    ends = list(OUTPUTS)
    if confidence:
        ends.append(CONFIDENCE)
    if dicom_seg and Path(case["image"]).is_dir():
        ends.append(DICOM_SEG)
    row = summary_rows(output_dir / SUMMARY).get(case["name"], {})
    return row.get("status") == "done" and all((output_dir / f"{case['name']}{end}").is_file() for end in ends)
