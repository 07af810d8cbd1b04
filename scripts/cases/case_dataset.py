"""The scans of an inference run, each on its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from monai.data import Dataset

from .case_error import NameTaken, case_error

logger = logging.getLogger(__name__)


class Results(Protocol):
    """Knows what was done before (`scripts.results.result_folder.ResultFolder`)."""

    def claim(self, case: dict[str, str]) -> bool: ...


class CaseDataset(Dataset):
    """A data set whose items never raise: a batch of scans goes on after a bad one, and does not redo finished ones.

    An item is the preprocessed case; or `{"name", "scan", "status", "error"}` where preprocessing failed or the name is
    another scan's; or `{"name", "skipped"}` where the case is not due. CaseEvaluator knows them apart.

    Args:
        data: cases with `image` and `name` (`scan_cases`).
        transform: the preprocessing.
        results: says which cases are due.
    """

    def __init__(self, data: Sequence[dict[str, str]], transform: Callable[[Any], Any], results: Results) -> None:
        super().__init__(data, transform)
        self.results = results

    def _transform(self, index: int) -> dict[str, Any]:
        case = self.data[index]
        try:
            if not self.results.claim(case):
                return {"name": case["name"], "skipped": True}
            return super()._transform(index)
        except Exception as error:
            logger.debug("%s failed", case["name"], exc_info=True)
            status = "refused" if isinstance(error, NameTaken) else "failed"
            reason = case_error(error, case["image"])
            return {"name": case["name"], "scan": case["image"], "status": status, "error": reason}
