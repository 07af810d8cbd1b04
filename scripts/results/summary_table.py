"""`summary.csv`, to which several processes may add."""

from __future__ import annotations

import csv
from pathlib import Path

import ignite.distributed as idist

from ..io.atomic_file import write_atomically
from ..io.result_names import SUMMARY
from .run_summary import COLUMNS


def summary_rows(file: Path) -> dict[str, dict[str, str]]:
    """Rows of `summary.csv` by the case's name; none where there is no such file."""
    if not file.exists():
        return {}
    with open(file, newline="", encoding="utf-8") as stream:
        return {row["name"]: row for row in csv.DictReader(stream)}


class SummaryTable:
    """The rows of a run, one per case, in `output_dir`.

    A process that is not alone writes a file of its own, so that no two write one; `merge` puts them together.
    """

    def __init__(self, output_dir: str | Path) -> None:
        self.folder = Path(output_dir)

    def add(self, row: dict[str, str]) -> None:
        """Add a row, in place of an earlier one of the same name; columns that it lacks stay empty."""
        alone = idist.get_world_size() == 1
        self._write(self.folder / (SUMMARY if alone else f".part_summary_{idist.get_rank()}.csv"), [row])

    def merge(self) -> None:
        """Move the rows of all processes, also of an interrupted run, into `summary.csv`; every process calls it."""
        idist.barrier()
        if idist.get_rank() == 0:
            for part in sorted(self.folder.glob(".part_summary_*.csv")):
                self._write(self.folder / SUMMARY, list(summary_rows(part).values()))
                part.unlink()
        idist.barrier()

    def _write(self, file: Path, rows: list[dict[str, str]]) -> None:
        merged = summary_rows(file) | {row["name"]: row for row in rows}

        def write(partial: Path) -> None:
            with open(partial, "w", newline="", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore")  # columns of another version
                writer.writeheader()
                writer.writerows(merged.values())

        write_atomically(file, write)
