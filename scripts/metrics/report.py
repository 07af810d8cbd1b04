"""The tables of an evaluation: metrics.csv for programs, summary.md for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import mean, stdev

from ..io.atomic_file import write_atomically
from ..io.markdown_table import markdown_table
from ..io.printable import printable
from .case_metrics import METRICS

Scores = Mapping[str, Mapping[str, float]]  # name of the case -> name of the metric -> value


def summary_table(scores: Scores) -> str:
    """Markdown table: a row per case, then mean and standard deviation over cases (sample SD; none of one case)."""
    rows = [[name, *(metric_text(metric, case[metric]) for metric in METRICS)] for name, case in scores.items()]
    overall = [mean_text(metric, [case[metric] for case in scores.values()]) for metric in METRICS]
    return markdown_table(["case", *METRICS], [*rows, ["**mean ± SD**", *overall]])


def write_report(scores: Scores, output_dir: str | Path, note: str) -> str:
    """Write `metrics.csv` (a row per case) and `summary.md` (`note` and the table); return the text of the latter.

    Args:
        scores: of at least one case.
        output_dir: made if it does not exist.
        note: what was scored, one line.
    """
    rows = [{"case": name, **{metric: f"{case[metric]:.6g}" for metric in METRICS}} for name, case in scores.items()]
    summary = printable(f"{note}\n\n{summary_table(scores)}\n")
    write_texts(output_dir, {"metrics.csv": csv_text(["case", *METRICS], rows), "summary.md": summary})
    return summary


def metric_text(metric: str, value: float) -> str:
    """A value with as many decimals as its metric has in reports."""
    decimals = {"HD95_mm": 2, "betti_0_error": 1, "betti_1_error": 1, "breakages": 1}.get(metric, 3)
    return f"{value:.{decimals}f}"


def mean_text(metric: str, values: Sequence[float]) -> str:
    """Mean ± sample standard deviation; of one value the mean alone."""
    spread = f" ± {metric_text(metric, stdev(values))}" if len(values) > 1 else ""
    return metric_text(metric, mean(values)) + spread


def csv_text(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """CSV with a header; columns that a row lacks stay empty."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, header)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def write_texts(output_dir: str | Path, texts: Mapping[str, str]) -> None:
    """Write texts by file name, under a temporary name and renamed: an interrupted run leaves whole files."""
    for name, text in texts.items():
        write_atomically(
            Path(output_dir) / name, partial(Path.write_text, data=printable(text), encoding="utf-8", newline="")
        )
