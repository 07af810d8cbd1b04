"""What a run of inference is to leave of a case, and whether it is there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..cases.case_error import NameTaken
from ..io.content import content_sha256
from ..io.printable import printable
from ..io.result_file import result_file
from ..io.result_names import (
    CENTRELINE,
    CONFIDENCE_FILE,
    DICOM_SEG,
    PREVIEW,
    PROBABILITY_FILE,
    SEGMENTS,
    SMALL_FILE,
    SUMMARY,
    SURFACE,
    SURFACE_STL,
    VESSELS_FILE,
)
from .summary_table import DONE, FAILED, REFUSED, STARTED, Row, SummaryTable

REPLACE = "--overwrite True replaces the results, another --output_dir keeps them."


@dataclass
class ResultFolder:
    """The folder of a run's results and the options that say what is wanted there; all who read or write it share it.

    Args:
        output_dir: made when the first file is written.
        graph: the vessel graph and its numbers.
        tta: the confidence map; the probability is an average then.
        surface: the vessels' surface, as GIfTI and as STL.
        dicom_seg: a DICOM Segmentation of each scan that is a DICOM series.
        report: the small volume that the report shows in 3D.
        overwrite: do everything anew.
        settings: `settings_key` of the run; a case that was done with others is done anew.
    """

    output_dir: str | Path
    graph: bool = False
    tta: bool = False
    surface: bool = False
    dicom_seg: bool = False
    report: bool = False
    overwrite: bool = False
    settings: str = ""

    def __post_init__(self) -> None:
        self.table = SummaryTable(self.output_dir)

    def file(self, name: str, end: str) -> Path:
        """The file of a case; its name is a path below the folder and may hold sub-folders."""
        return result_file(self.output_dir, name, end)

    def claim(self, case: dict[str, str]) -> bool:
        """Whether a case is to be done; if so, `summary.csv` says from now on that its name is this scan's.

        It is not when its row says that it was done with these settings, from a scan and a brain mask of the same
        content, and all its files are there. A scan is told by its content, wherever it lies.

        Args:
            case: `name`, `image`, and `brain_mask` where there is one.

        Raises:
            NameTaken: the results of the name are another scan's, or of this one before it was changed.
        """
        row = {"name": case["name"], "status": STARTED, "scan": printable(case["image"])}
        row |= {"scan_sha256": _digest(case["image"]), "brain_mask_sha256": _digest(case.get("brain_mask"))}

        def change(rows: dict[tuple[str, str], Row]) -> Row | None:
            old = rows.get((case["name"], "")) or self._of_the_same_file(case["name"], rows)
            if old is not None and self._is_done(case, row, old):
                return None
            self._refuse_another(row, old)
            return row

        return self.table.change(change)

    def _of_the_same_file(self, name: str, rows: dict[tuple[str, str], Row]) -> Row | None:
        """The row of another spelling of a name whose mask is the same file: some disks know no capitals."""
        mask = self.file(name, VESSELS_FILE)
        if mask.exists():
            for row in rows.values():
                other = self.file(row["name"], VESSELS_FILE)
                if row.get("status") != REFUSED and other.exists() and other.samefile(mask):
                    return row
        return None

    def _is_done(self, case: dict[str, str], row: Row, old: Row) -> bool:
        same_mask = row["brain_mask_sha256"] == old.get("brain_mask_sha256")  # an estimate of before may be given now
        same_mask = same_mask if "brain_mask" in case else old.get("brain_mask") != "user"
        same = row["scan_sha256"] == old.get("scan_sha256") != "" and old.get("settings") == self.settings
        ends = [VESSELS_FILE, PROBABILITY_FILE, PREVIEW]
        ends += [CENTRELINE, SEGMENTS] if self.graph else []
        ends += [SURFACE, SURFACE_STL] if self.surface else []
        ends += [CONFIDENCE_FILE] if self.tta else []
        ends += [SMALL_FILE] if self.report else []
        ends += [DICOM_SEG] if self.dicom_seg and Path(case["image"]).is_dir() else []
        there = all(self.file(case["name"], end).is_file() for end in ends)
        return not self.overwrite and old["status"] == DONE and same and same_mask and there

    def _refuse_another(self, row: Row, old: Row | None) -> None:
        mask = self.file(row["name"], VESSELS_FILE)
        if old is None:
            if mask.exists() and not self.overwrite:
                raise NameTaken(f"{mask} is there, and {SUMMARY} does not say from which scan; {REPLACE}")
            return
        if row["scan_sha256"] == old.get("scan_sha256") != "" or (old["status"] == FAILED and not mask.exists()):
            return
        if old.get("scan") == row["scan"]:
            if old["status"] == DONE and not self.overwrite:
                raise NameTaken(f"it has changed since {mask} was made; {REPLACE}")
        elif old.get("scan"):
            raise NameTaken(
                f"{mask.parent} holds results of another scan of this name, {old['scan']}; give another --output_dir."
            )
        elif not self.overwrite:  # of an earlier version, or of an evaluation
            raise NameTaken(f"{SUMMARY} does not say from which scan {mask} was made; {REPLACE}")


def _digest(path: str | None) -> str:
    """Of a file's content; empty where there is none, or it cannot be read, which reading the scan will explain."""
    with suppress(OSError):
        return content_sha256(path) if path else ""
    return ""
