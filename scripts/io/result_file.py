"""Where a result of a case lies."""

from __future__ import annotations

from pathlib import Path

from .bids_names import bids_file, is_bids_name


def result_file(folder: str | Path, name: str, end: str) -> Path:
    """Path of a result: of a case of a BIDS tree as BIDS calls derivatives, of any other `<name><end>`.

    Args:
        folder: of the run's results.
        name: of the case, a path below the folder that may hold sub-folders.
        end: what the result is, one of the ends in `result_names`.
    """
    return Path(folder) / (bids_file(name, end) if is_bids_name(name) else f"{name}{end}")
