"""Inference over scans of which some may fail."""

from __future__ import annotations

import errno
import logging
from typing import Any, cast

import ignite.distributed as idist
from monai.data import DataLoader
from monai.engines import SupervisedEvaluator

from ..cases.case_error import case_error
from ..io.user_error import Interrupted, UserError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

logger = logging.getLogger(__name__)


class CaseEvaluator(SupervisedEvaluator):
    """MONAI's `SupervisedEvaluator` that goes on after a scan that failed; one scan a batch, from a CaseDataset.

    What fails between the loaded scan and its written files becomes the output `[{"name", "error"}]` of the iteration;
    that of a scan which failed before or is skipped is the data set's item. RunOutcome counts them and ends the run
    with an error. A full disk is no fault of a scan: it ends the run at once.

    Raises:
        UserError: the results cannot be written for want of space.
    """

    def run(self, global_epoch: int = 1) -> None:
        """Segment all scans, and wait for the other processes; Ctrl-C ends the command in words.

        Raises:
            Interrupted: after Ctrl-C.
        """
        try:
            if len(cast(DataLoader, self.data_loader)):
                super().run(global_epoch)
            else:
                logger.info("no scan in this share")
            idist.barrier()  # a report is of the rows of all processes
        except KeyboardInterrupt:
            raise Interrupted("interrupted; the same command goes on with the scans that are not done") from None

    def _iteration(self, engine: SupervisedEvaluator, batchdata: dict[str, Any]) -> Any:
        name = batchdata["name"][0]
        if "image" not in batchdata:
            return [{key: values[0] for key, values in batchdata.items()}]
        scan = str(batchdata["image"].meta["filename_or_obj"][0])
        try:
            return super()._iteration(engine, batchdata)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise UserError(f"{error.filename}: {error.strerror}") from error
            logger.debug("%s failed", name, exc_info=True)
            return [{"name": name, "scan": scan, "status": "failed", "error": case_error(error, scan)}]
