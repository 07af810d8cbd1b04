"""Trainings in this process, on scans small enough for a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monai.bundle import run

from tests.killed_runs import ROOT, TINY

SMALL = {**TINY, "crop_size": 32, "iterations_per_epoch": 2}


def train(stage: str, dataset: Path, output_dir: Path, overlays: tuple[str, ...] = ("cpu",), **settings: Any) -> Path:
    """Run a stage and return its folder."""
    settings = {**SMALL, "dataset_dir": str(dataset), "output_dir": str(output_dir), **settings}
    run(config_file=[str(ROOT / "configs" / f"{name}.yaml") for name in (stage, *overlays)], **settings)
    return output_dir / stage
