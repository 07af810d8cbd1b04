"""The tables of an evaluation: metrics.csv for programs, summary.md for people."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path
from statistics import mean, stdev

from .case_metrics import METRICS

Scores = Mapping[str, Mapping[str, float]]  # name of the case -> name of the metric -> value


def summary_table(scores: Scores) -> str:
    """Markdown table: a row per case, then mean and standard deviation over cases (sample SD; none of one case)."""
    rows = [[name, *(_text(metric, case[metric]) for metric in METRICS)] for name, case in scores.items()]
    overall = []
    for metric in METRICS:
        values = [case[metric] for case in scores.values()]
        spread = f" ± {_text(metric, stdev(values))}" if len(values) > 1 else ""
        overall.append(_text(metric, mean(values)) + spread)
    lines = [["case", *METRICS], ["---"] * (len(METRICS) + 1), *rows, ["**mean ± SD**", *overall]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_report(scores: Scores, output_dir: str | Path, note: str) -> str:
    """Write `metrics.csv` (a row per case) and `summary.md` (`note` and the table); return the text of the latter.

    Both are written under a temporary name and renamed: an interrupted run leaves whole files.

    Args:
        scores: of at least one case.
        output_dir: made if it does not exist.
        note: what was scored, one line.
    """
    folder = Path(output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, ("case", *METRICS))
    writer.writeheader()
    for name, case in scores.items():
        writer.writerow({"case": name, **{metric: f"{case[metric]:.6g}" for metric in METRICS}})
    summary = f"{note}\n\n{summary_table(scores)}\n"
    for name, text in (("metrics.csv", stream.getvalue()), ("summary.md", summary)):
        temporary = folder / f".part_{name}"
        temporary.write_text(text, encoding="utf-8", newline="")
        os.replace(temporary, folder / name)
    return summary


def _text(metric: str, value: float) -> str:
    decimals = {"HD95_mm": 2, "betti_0_error": 1, "betti_1_error": 1}.get(metric, 3)
    return f"{value:.{decimals}f}"
