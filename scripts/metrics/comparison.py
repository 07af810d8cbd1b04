"""Several systems side by side: means beside the paper's, every case, and paired differences to one of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
from scipy.stats import bootstrap

from ..io.markdown_table import markdown_table
from ..io.user_error import BadInput
from .case_metrics import METRICS
from .report import Scores, csv_text, mean_text, metric_text, write_texts

NOT_RUN = "not run"
COMPARED = ("DSC", "clDice")  # metrics whose differences are shown


def compare_systems(
    systems: Mapping[str, Mapping[str, Any]], scores_dir: str, output_dir: str, compare_to: str, paper_set: str
) -> str:
    """Write `tables.md`, `systems.csv` and `cases.csv`; return the text of the first.

    Args:
        systems: by name, in the order of the rows: `folder` in `scores_dir` with the `metrics.csv` of evaluate.yaml,
            classical.yaml or score.yaml, and perhaps `paper`, the paper's DSC in per cent by set. A system whose
            folder has no scores is marked as not run.
        scores_dir: folder of the systems' folders.
        output_dir: made if it does not exist.
        compare_to: the system that the others are compared with, case by case.
        paper_set: name of the set whose numbers of the paper are shown.

    Raises:
        ValueError: `compare_to` is none of the systems, or a `metrics.csv` is not what those configs write.
    """
    if compare_to not in systems:
        raise BadInput(f"compare_to '{compare_to}' is none of the systems: {', '.join(systems)}.")
    scores = {name: read_scores(Path(scores_dir) / system["folder"]) for name, system in systems.items()}
    paper = {name: system.get("paper", {}).get(paper_set) for name, system in systems.items()}
    text = "\n\n".join(
        [
            "Mean ± SD over cases.",
            systems_table(scores, paper),
            f"Differences to {compare_to} over the cases that both have: mean and 95 % bootstrap interval.",
            differences_table(scores, compare_to),
            "Every case.",
            cases_table(scores),
        ]
    )
    csv_of_systems, csv_of_cases = _systems_csv(scores, paper), _cases_csv(scores)
    write_texts(output_dir, {"tables.md": text + "\n", "systems.csv": csv_of_systems, "cases.csv": csv_of_cases})
    return text


def read_scores(folder: Path) -> Scores:
    """The scores in a folder's `metrics.csv`, empty where there is none.

    Raises:
        ValueError: the file is not what the bundle writes.
    """
    file = folder / "metrics.csv"
    if not file.is_file():
        return {}
    with open(file, newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    try:
        scores = {row["case"]: {metric: float(row[metric]) for metric in METRICS} for row in rows}
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{file}: no scores of this version of the bundle ({error}); evaluate again.") from error
    if not scores:
        raise BadInput(f"{file}: holds no case; evaluate again.")
    return scores


def systems_table(scores: Mapping[str, Scores], paper: Mapping[str, float | None]) -> str:
    """Markdown table, a row per system: mean ± SD of every metric, and the paper's DSC after the DSC."""
    rows = []
    for name, cases in scores.items():
        published = paper_text(paper[name])
        if not cases:
            rows.append([name, NOT_RUN, published, *[""] * len(METRICS)])
            continue
        dsc, *others = [mean_text(metric, [case[metric] for case in cases.values()]) for metric in METRICS]
        rows.append([name, dsc, published, *others, str(len(cases))])
    return markdown_table(["system", METRICS[0], "paper's DSC", *METRICS[1:], "cases"], rows)


def paper_text(dsc: float | None) -> str:
    """The paper's DSC, in per cent, as a fraction; empty where it has none."""
    return "" if dsc is None else f"{dsc / 100:.4f}"


def cases_table(scores: Mapping[str, Scores]) -> str:
    """Markdown table, a row per system and case."""
    rows = []
    for name, cases in scores.items():
        if not cases:
            rows.append([name, NOT_RUN, *[""] * len(METRICS)])
        for case, values in cases.items():
            rows.append([name, case, *(metric_text(metric, values[metric]) for metric in METRICS)])
    return markdown_table(["system", "case", *METRICS], rows)


def differences_table(scores: Mapping[str, Scores], compare_to: str) -> str:
    """Markdown table, a row per other system: its mean paired difference to `compare_to`, with interval."""
    reference = scores[compare_to]
    rows = []
    for name in [name for name in scores if name != compare_to]:
        pairs = [(values, reference[case]) for case, values in scores[name].items() if case in reference]
        texts = [NOT_RUN if not scores[name] else "no common case"] * len(COMPARED)
        if pairs:
            texts = [difference_text([values[m] - other[m] for values, other in pairs]) for m in COMPARED]
        rows.append([name, *texts, str(len(pairs))])
    return markdown_table(["system", *COMPARED, "cases"], rows)


def difference_text(differences: list[float]) -> str:
    """Mean of paired differences and, for more than one, its 95 % percentile bootstrap interval over cases."""
    text = f"{mean(differences):+.3f}"
    if len(differences) == 1:
        return text
    result = bootstrap((differences,), np.mean, method="percentile", random_state=np.random.default_rng(0))
    low, high = result.confidence_interval
    return f"{text} [{low:+.3f}, {high:+.3f}]"


def _systems_csv(scores: Mapping[str, Scores], paper: Mapping[str, float | None]) -> str:
    header = ["system", "cases", "paper_DSC", *(f"{metric}_{part}" for metric in METRICS for part in ("mean", "sd"))]
    rows = []
    for name, cases in scores.items():
        row = {"system": name, "cases": str(len(cases)), "paper_DSC": paper_text(paper[name])}
        for metric in METRICS if cases else ():
            values = [case[metric] for case in cases.values()]
            row[f"{metric}_mean"] = f"{mean(values):.6g}"
            row[f"{metric}_sd"] = f"{stdev(values):.6g}" if len(values) > 1 else ""
        rows.append(row)
    return csv_text(header, rows)


def _cases_csv(scores: Mapping[str, Scores]) -> str:
    rows = [
        {"system": name, "case": case, **{metric: f"{values[metric]:.6g}" for metric in METRICS}}
        for name, cases in scores.items()
        for case, values in cases.items()
    ]
    return csv_text(["system", "case", *METRICS], rows)
