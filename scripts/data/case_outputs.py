"""Which files inference leaves of a case, and whether they are there."""

from __future__ import annotations

import csv
from pathlib import Path

from .dicom_series import DICOM_SEG, dicom_files

SUMMARY = "summary.csv"
OUTPUTS = ("_vessels.nii.gz", "_probability.nii.gz", "_preview.png")
# where asked for
CENTRELINE, SEGMENTS = "_centreline.swc", "_segments.csv"
CONFIDENCE = "_confidence.nii.gz"


def summary_rows(file: Path) -> dict[str, dict[str, str]]:
    """Rows of `summary.csv` by the case's name; none where there is no such file."""
    if not file.exists():
        return {}
    with open(file, newline="", encoding="utf-8") as stream:
        return {row["name"]: row for row in csv.DictReader(stream)}


def is_done(
    output_dir: Path,
    case: dict[str, str],
    settings: str = "",
    graph: bool = False,
    confidence: bool = False,
    dicom_seg: bool = False,
) -> bool:
    """Whether a case need not be done again.

    So it is when its row in `summary.csv`, which is written last, says that it was done with these settings, all its
    files are there, and neither scan nor brain mask is newer, or given or taken away since: a corrected mask makes a
    case due.

    Args:
        output_dir: folder of the results.
        case: `name`, `image`, and `brain_mask` where there is one.
        settings: `settings_key` of this run.
        graph, confidence, dicom_seg: these files are wanted too.
    """
    ends = list(OUTPUTS)
    if graph:
        ends += [CENTRELINE, SEGMENTS]
    if confidence:
        ends.append(CONFIDENCE)
    if dicom_seg and Path(case["image"]).is_dir():
        ends.append(DICOM_SEG)
    row = summary_rows(output_dir / SUMMARY).get(case["name"], {})
    files = [output_dir / f"{case['name']}{end}" for end in ends]
    if row.get("status") != "done" or row.get("settings") != settings or not all(file.is_file() for file in files):
        return False
    if (row.get("brain_mask") == "user") != ("brain_mask" in case):
        return False
    written = min(file.stat().st_mtime for file in files)
    return all(_changed(Path(case[key])) <= written for key in ("image", "brain_mask") if key in case)


def _changed(path: Path) -> float:
    """When a file, or the newest slice of a DICOM series, was last changed."""
    files = dicom_files(path) if path.is_dir() else [path]
    return max((file.stat().st_mtime for file in files), default=0.0)
