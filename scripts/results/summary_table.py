"""`summary.csv`, to which several processes and commands may add."""

from __future__ import annotations

import csv
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from ..io.atomic_file import write_atomically
from ..io.file_lock import file_lock
from ..io.result_names import SUMMARY
from ..io.summary_rows import summary_rows
from .run_summary import COLUMNS, IDENTITY

DONE, STARTED, FAILED, REFUSED = "done", "started", "failed", "refused"  # the column `status`

Row = dict[str, str]
Rows = dict[tuple[str, str], Row]


def row_key(row: Row) -> tuple[str, str]:
    """A name has one row, and one more for each scan that was refused for having it too."""
    return row["name"], row.get("scan", "") if row.get("status") == REFUSED else ""


class SummaryTable:
    """The rows of a folder, one per case, written anew with every change, one process at a time.

    Args:
        output_dir: folder of the results.
    """

    def __init__(self, output_dir: str | Path) -> None:
        self.file = Path(output_dir) / SUMMARY
        self.added: Rows = {}
        self._read: tuple[tuple[int, ...], Rows] | None = None  # of which version of the file; it is read once of each

    def change(self, change: Callable[[Rows], Row | None]) -> bool:
        """Read the rows, have `change` name a row, and write it in place of the earlier one; None changes nothing.

        Returns:
            whether there was a row to write.
        """
        with file_lock(self.file):
            rows = self._rows()
            row = change(rows)
            if row is not None:
                self._write(rows, row)
        return row is not None

    def add(self, row: Row) -> None:
        """Add a row, in place of the earlier one; it keeps the identity of the scan, other columns become empty."""
        self.change(lambda rows: {column: rows.get(row_key(row), {}).get(column, "") for column in IDENTITY} | row)

    def confirm(self) -> None:
        """Add again what this process added and another has overwritten, as it may where there are no locks."""
        for _ in range(10):
            rows = self._rows()
            found = {key: rows.get(key, {"status": STARTED})["status"] for key in self.added}
            lost = [row for key, row in self.added.items() if found[key] == STARTED != row["status"]]
            if not lost:
                return
            for row in lost:
                self.add(row)
            time.sleep(random.uniform(0, 0.2))

    def _rows(self) -> Rows:
        version = _version(self.file)
        if self._read is None or self._read[0] != version:
            self._read = version, {row_key(row): row for row in summary_rows(self.file)}
        return self._read[1]

    def _write(self, rows: Rows, row: Row) -> None:
        self.added[row_key(row)] = row
        refused_before = (row["name"], row.get("scan", ""))
        merged = {key: old for key, old in rows.items() if key != refused_before or not key[1]} | {row_key(row): row}

        def write(partial: Path) -> None:
            with open(partial, "w", newline="", encoding="utf-8", errors="backslashreplace") as stream:
                writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore")  # columns of another version
                writer.writeheader()
                writer.writerows(merged.values())
            self._read = _version(partial), merged  # renaming keeps it: what this process wrote it need not read

        write_atomically(self.file, write)


def _version(file: Path) -> tuple[int, ...]:
    """Differs between any two files that were written one after the other; () where there is none."""
    try:
        with open(file, "rb") as stream:  # a network file system looks anew when a file is opened
            state = os.fstat(stream.fileno())
    except FileNotFoundError:
        return ()
    return state.st_ino, state.st_mtime_ns, state.st_size
