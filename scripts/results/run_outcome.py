"""What became of the cases of a run."""

from __future__ import annotations

import logging
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine, Events

from ..io.printable import printable
from ..io.result_names import SUMMARY
from ..io.user_error import UserError
from .result_folder import ResultFolder

logger = logging.getLogger(__name__)


class CasesFailed(UserError):
    """Some cases were not segmented; its message names them with the reasons. The results of the others are there."""


class RunOutcome:
    """Attached to a CaseEvaluator: a row of `summary.csv` for every case that failed; `check` is for the end.

    Args:
        results: their folder.
    """

    def __init__(self, results: ResultFolder) -> None:
        self.table = results.table
        self.failed: list[str] = []
        self.cases = self.skipped = 0

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.note)
        engine.add_event_handler(Events.COMPLETED, self.finish)

    def start(self, engine: Engine) -> None:
        self.failed, self.cases, self.skipped = [], 0, 0

    def note(self, engine: Engine) -> None:
        output: Any = engine.state.output
        for case in output:
            self.cases += 1
            if "skipped" in case:
                self.skipped += 1
                logger.info("%s: its results are there, skipped", case["name"])
            elif "error" in case:
                self.failed.append(f"{case['name']}: {case['error']}")
                logger.error("%s: failed. %s", case["name"], case["error"])
                self.table.add({key: printable(case[key]) for key in ("name", "scan", "status", "error")})

    def finish(self, engine: Engine) -> None:
        self.table.confirm()
        if self.skipped:
            logger.info(
                "%d of %d cases were skipped: they were done with the same settings; --overwrite True does them anew",
                self.skipped,
                self.cases,
            )

    def check(self) -> None:
        """The last step of a run, when all else is written; every process calls it.

        Raises:
            CasesFailed: a case of any process failed; it names them all, with the reasons.
        """
        failed = [case for cases in idist.all_gather(self.failed) for case in cases]
        if failed:
            message = f"{len(failed)} case(s) failed, see {SUMMARY}:\n" + "\n".join(failed)
            raise CasesFailed(message if idist.get_rank() == 0 else "")  # said once
