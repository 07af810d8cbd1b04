"""Which threshold suits which kind of scan: `python -m scripts.benchmark.threshold_sweep PROBABILITIES DATA OUT`.

DATA holds, for each kind of scan, a data set whose validation split is whole heads with labels; PROBABILITIES what
configs/inference.yaml wrote of them, in folders of the same names. OUT/thresholds.csv has every scan at every
threshold, OUT/thresholds.md the means. docs/reproduce.md has the commands.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean

import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from monai.transforms import Compose

from ..cases.evaluation_cases import evaluation_cases
from ..io.markdown_table import markdown_table
from ..io.result_names import PROBABILITY_FILE
from ..io.volumes import read_volume
from ..metrics.cldice import cldice, skeleton, topology_precision
from ..metrics.report import csv_text, write_texts
from ..metrics.score_files import aligned
from ..transforms.preprocessing import preprocessing
from ..transforms.small_components import RemoveSmallComponentsd
from ..transforms.trained_range import measures
from ..vessels.bounding_box import bounding_box

THRESHOLDS = (0.01, 0.02, 0.03, *(round(0.05 * step, 2) for step in range(1, 13)), 0.7, 0.8, 0.9)
INFERENCE = ConfigParser.load_config_file(str(Path(__file__).parents[2] / "configs" / "inference.yaml"))
SPACING: float = INFERENCE["spacing"]  # mm
GIVEN: float = INFERENCE["displayable_configs"]["threshold"]  # the best is compared with it
MIN_COMPONENT: float = INFERENCE["displayable_configs"]["min_component"]  # mm3
SCAN, SCORES = ("voxel_size", "noise", "contrast"), ("DSC", "precision", "recall", "clDice")

logger = logging.getLogger(__name__)
Row = dict[str, str]


def sweep(probability: MetaTensor, label_file: str) -> dict[float, dict[str, float]]:
    """SCORES at each of THRESHOLDS, small components removed.

    Args:
        probability: (1, D, H, W), on the scan's grid.
        label_file: of the true vessels, on the same grid; not empty.
    """
    volume, truth = aligned(probability, label_file)  # (1, D, H, W) each
    clean = RemoveSmallComponentsd("pred", MIN_COMPONENT)
    label = truth[0].numpy() > 0  # (D, H, W)
    line = skeleton(mask=label)  # once: it is the slowest
    found = {}
    for threshold in THRESHOLDS:
        pred = clean({"pred": (volume >= threshold).to(torch.uint8)})["pred"][0].numpy() > 0  # (D, H, W)
        hits = int((pred & label).sum())
        box = bounding_box(pred | label)
        on_vessel = topology_precision(pred=pred[box], label=label[box])
        found[threshold] = {
            "DSC": float(2 * hits / (pred.sum() + label.sum())),
            "precision": float(hits / max(pred.sum(), 1)),
            "recall": float(hits / label.sum()),
            "clDice": cldice(precision=on_vessel, sensitivity=float(pred[line].mean())),
        }
    return found


def scan_measures(case: Mapping[str, str]) -> dict[str, float]:
    """`measures` of a scan as inference takes them: resampled, not normalised."""
    read = Compose(preprocessing(SPACING).transforms[:-1])(dict(case))
    return measures(read["image"], read["brain_mask"][0].numpy() > 0)


def sweep_kind(kind: str, probabilities: Path, dataset_dir: Path) -> list[Row]:
    """A row for each scan of a kind and each threshold."""
    rows = []
    for case in evaluation_cases(str(dataset_dir), "validation"):
        measured = scan_measures(case)
        scan = {"kind": kind, "case": case["name"], **{name: f"{measured[name]:.4g}" for name in SCAN}}
        scores = sweep(read_volume(str(probabilities / (case["name"] + PROBABILITY_FILE))), case["label"])
        for threshold, values in scores.items():
            numbers = {name: f"{value:.6g}" for name, value in values.items()}
            rows.append({**scan, "threshold": str(threshold), **numbers})
        logger.info("%s, %s: done", kind, case["name"])
    return rows


def kinds_table(rows: Sequence[Row]) -> str:
    """Markdown: of each kind what was measured, its mean scores at GIVEN, then at the threshold of the best DSC."""
    lines = []
    for kind in dict.fromkeys(row["kind"] for row in rows):
        means = {threshold: _means(rows, kind, threshold) for threshold in THRESHOLDS}
        best = max(THRESHOLDS, key=lambda threshold: means[threshold]["DSC"])
        scan = [f"{means[best][name]:.2f}" for name in SCAN]
        given, there = ([f"{means[threshold][name]:.3f}" for name in SCORES] for threshold in (GIVEN, best))
        lines.append([kind, *scan, *given, str(best), *there])
    header = ["kind", *SCAN, *(f"{name} at {GIVEN}" for name in SCORES), "best threshold", *SCORES]
    return markdown_table(header, lines) + "\n"


def _means(rows: Sequence[Row], kind: str, threshold: float) -> dict[str, float]:
    here = [row for row in rows if row["kind"] == kind and float(row["threshold"]) == threshold]
    return {name: mean(float(row[name]) for row in here) for name in (*SCAN, *SCORES)}


def main(probabilities: str, dataset_dir: str, output_dir: str) -> None:
    """Sweep all kinds; what is written grows with every one."""
    rows: list[Row] = []
    for folder in sorted(path for path in Path(dataset_dir).iterdir() if path.is_dir()):
        rows += sweep_kind(folder.name, Path(probabilities) / folder.name, folder)
        table = kinds_table(rows)
        write_texts(output_dir, {"thresholds.csv": csv_text(list(rows[0]), rows), "thresholds.md": table})
    print(table)


if __name__ == "__main__":
    main(*sys.argv[1:])
