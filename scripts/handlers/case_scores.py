"""Scores of every case of an evaluation."""

from __future__ import annotations

import logging

from ignite.engine import Engine, Events

from ..cases.scan_files import scan_name
from ..io.printable import printable
from ..metrics.report import write_report
from ..metrics.score_files import score_against_file

logger = logging.getLogger(__name__)


class CaseScores:
    """Ignite handler: scores each postprocessed case on the scan's own grid, writes the report, prints it at the end.

    Reads `pred`, binary, from the output and `label`, the label's path, from the batch. The report is written
    after every case: what was done is kept when a later case fails. The means stand in `engine.state.metrics`.

    Args:
        output_dir: for `metrics.csv` and `summary.md`.
        note: what is scored, one line.
    """

    def __init__(self, output_dir: str, note: str) -> None:
        self.output_dir = output_dir
        self.note = note
        self.scores: dict[str, dict[str, float]] = {}
        self.summary = ""

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.clear)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.score)
        engine.add_event_handler(Events.COMPLETED, self.report)

    def clear(self, engine: Engine) -> None:
        self.scores = {}

    def score(self, engine: Engine) -> None:
        for batch, output in zip(engine.state.batch, engine.state.output):
            pred = output["pred"]
            name = printable(scan_name(pred.meta["filename_or_obj"]))
            self.scores[name] = score_against_file(pred, batch["label"])
            logger.info("%s: DSC %.3f, clDice %.3f", name, self.scores[name]["DSC"], self.scores[name]["clDice"])
        self.summary = write_report(self.scores, self.output_dir, self.note)

    def report(self, engine: Engine) -> None:
        cases = list(self.scores.values())
        for metric in cases[0]:
            engine.state.metrics[metric] = sum(case[metric] for case in cases) / len(cases)
        print(self.summary)
        print(f"Written to {self.output_dir}: metrics.csv, summary.md")
