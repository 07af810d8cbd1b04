"""Which files inference leaves of a case, and whether they are there."""

from __future__ import annotations

import csv
from pathlib import Path

from ..io.dicom_series import DICOM_SEG, dicom_files

SUMMARY = "summary.csv"
OUTPUTS = ("_vessels.nii.gz", "_probability.nii.gz", "_preview.png")
# where asked for
CENTRELINE, SEGMENTS = "_centreline.swc", "_segments.csv"
CONFIDENCE = "_confidence.nii.gz"
ESTIMATED_MASK = "_brain_mask.nii.gz"


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
    tta: bool = False,
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
        graph, tta, dicom_seg: these files are wanted too.
    """
    ends = list(OUTPUTS)
    if graph:
        ends += [CENTRELINE, SEGMENTS]
    if tta:
        ends.append(CONFIDENCE)
    if dicom_seg and Path(case["image"]).is_dir():
        ends.append(DICOM_SEG)
    row = summary_rows(output_dir / SUMMARY).get(case["name"], {})
    files = [output_dir / f"{case['name']}{end}" for end in ends]
    if row.get("status") != "done" or row.get("settings") != settings or not all(file.is_file() for file in files):
        return False
    written = [file.stat().st_mtime for file in files]
    mask = case.get("brain_mask")
    estimate = output_dir / f"{case['name']}{ESTIMATED_MASK}"
    if mask and row.get("brain_mask") == "estimated" and Path(mask).absolute() == estimate.absolute():
        # results beside the scans: the estimate that was written with them, unless somebody has corrected it since
        return _changed(estimate) <= max(written) and _changed(Path(case["image"])) <= min(written)
    if (row.get("brain_mask") == "user") != (mask is not None):
        return False
    return all(_changed(Path(case[key])) <= min(written) for key in ("image", "brain_mask") if key in case)


def _changed(path: Path) -> float:
    """When a file, or the newest slice of a DICOM series, was last changed."""
    files = dicom_files(path) if path.is_dir() else [path]
    return max((file.stat().st_mtime for file in files), default=0.0)
