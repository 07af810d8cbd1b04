"""What a run of inference is to leave of a case, and whether it is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..io.dicom_files import dicom_files
from ..io.result_file import result_file
from ..io.result_names import (
    BRAIN_MASK_FILE,
    CENTRELINE,
    CONFIDENCE_FILE,
    DICOM_SEG,
    PREVIEW,
    PROBABILITY_FILE,
    SEGMENTS,
    SUMMARY,
    SURFACE,
    SURFACE_STL,
    VESSELS_FILE,
)
from .summary_table import summary_rows


@dataclass(frozen=True)
class ResultFolder:
    """The folder of a run's results and the options that say what is wanted there; all who read or write it share it.

    Args:
        output_dir: made when the first file is written.
        graph: the vessel graph and its numbers.
        tta: the confidence map; the probability is an average then.
        surface: the vessels' surface, as GIfTI and as STL.
        dicom_seg: a DICOM Segmentation of each scan that is a DICOM series.
        overwrite: do everything anew.
        settings: `settings_key` of the run; a case that was done with others is done anew.
    """

    output_dir: str | Path
    graph: bool = False
    tta: bool = False
    surface: bool = False
    dicom_seg: bool = False
    overwrite: bool = False
    settings: str = ""

    def file(self, name: str, end: str) -> Path:
        """The file of a case; its name is a path below the folder and may hold sub-folders."""
        return result_file(self.output_dir, name, end)

    def is_due(self, case: dict[str, str]) -> bool:
        """Whether a case is to be done.

        It is not when its row in `summary.csv`, which is written last, says that it was done with these settings, all
        its files are there, and neither scan nor brain mask is newer, or given or taken away since: a corrected mask
        makes a case due.

        Args:
            case: `name`, `image`, and `brain_mask` where there is one.
        """
        row = summary_rows(Path(self.output_dir) / SUMMARY).get(case["name"], {})
        files = self._wanted(case)
        if self.overwrite or row.get("status") != "done" or row.get("settings") != self.settings:
            return True
        if not all(file.is_file() for file in files):
            return True
        written = [file.stat().st_mtime for file in files]
        mask = case.get("brain_mask")
        estimate = self.file(case["name"], BRAIN_MASK_FILE)
        if mask and row.get("brain_mask") == "estimated" and Path(mask).absolute() == estimate.absolute():
            # results beside the scans: the estimate that was written with them, unless somebody has corrected it since
            return _changed(estimate) > max(written) or _changed(Path(case["image"])) > min(written)
        if (row.get("brain_mask") == "user") != (mask is not None):
            return True
        return any(_changed(Path(case[key])) > min(written) for key in ("image", "brain_mask") if key in case)

    def _wanted(self, case: dict[str, str]) -> list[Path]:
        ends = [VESSELS_FILE, PROBABILITY_FILE, PREVIEW]
        if self.graph:
            ends += [CENTRELINE, SEGMENTS]
        if self.surface:
            ends += [SURFACE, SURFACE_STL]
        if self.tta:
            ends.append(CONFIDENCE_FILE)
        if self.dicom_seg and Path(case["image"]).is_dir():
            ends.append(DICOM_SEG)
        return [self.file(case["name"], end) for end in ends]


def _changed(path: Path) -> float:
    """When a file, or the newest slice of a DICOM series, was last changed."""
    files = dicom_files(path) if path.is_dir() else [path]
    return max((file.stat().st_mtime for file in files), default=0.0)
