"""The scans of an inference run, each on its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from monai.data import Dataset

from ..results.case_outputs import is_done
from .case_error import case_error

logger = logging.getLogger(__name__)


class CaseDataset(Dataset):
    """A data set whose items never raise: a batch of scans goes on after a bad one, and does not redo finished ones.

    An item is the preprocessed case; or `{"name", "error"}` where preprocessing failed; or `{"name", "skipped"}` where
    the case's results are there. CaseEvaluator knows them apart.

    Args:
        data: cases with `image` and `name` (`scan_cases`).
        transform: the preprocessing.
        output_dir: where the results are looked for.
        settings: `settings_key` of the run; a case that was done with others is done anew.
        overwrite: do everything anew.
        graph, tta, dicom_seg: a case without its vessel graph, confidence map or DICOM Segmentation is not
            finished.
    """

    def __init__(
        self,
        data: Sequence[dict[str, str]],
        transform: Callable[[Any], Any],
        output_dir: str,
        settings: str = "",
        overwrite: bool = False,
        graph: bool = False,
        tta: bool = False,
        dicom_seg: bool = False,
    ) -> None:
        super().__init__(data, transform)
        self.output_dir = Path(output_dir)
        self.settings = settings
        self.overwrite = overwrite
        self.graph = graph
        self.tta = tta
        self.dicom_seg = dicom_seg

    def _transform(self, index: int) -> dict[str, Any]:
        case = self.data[index]
        wanted = (self.settings, self.graph, self.tta, self.dicom_seg)
        try:
            if not self.overwrite and is_done(self.output_dir, case, *wanted):
                return {"name": case["name"], "skipped": True}
            return super()._transform(index)
        except Exception as error:
            logger.debug("%s failed", case["name"], exc_info=True)
            return {"name": case["name"], "error": case_error(error, case["image"])}
