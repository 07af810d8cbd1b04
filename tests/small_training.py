"""Trainings in this process, on scans small enough for a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monai.bundle import run

from scripts.checks.workflow import CheckedWorkflow
from tests.killed_runs import ROOT, TINY, configs
from tests.monai_command import torchrun

SMALL = {**TINY, "crop_size": 32, "iterations_per_epoch": 2}


def train(stage: str, dataset: Path, output_dir: Path, overlays: tuple[str, ...] = ("cpu",), **settings: Any) -> Path:
    """Run a stage and return its folder."""
    settings = {**SMALL, "dataset_dir": str(dataset), "output_dir": str(output_dir), **settings}
    run(config_file=configs(stage, *overlays), workflow_name=CheckedWorkflow, **settings)
    return output_dir / stage


def train_in_two_processes(stage: str, overlays: tuple[str, ...], settings: dict[str, Any]) -> None:
    """Run a stage in two processes, as torchrun starts them for configs/multi_gpu.yaml, on the processor."""
    settings = {**SMALL, "epochs": 1, **settings}
    words = [word for key, value in settings.items() for word in (f"--{key}", value)]
    for done in torchrun(2, "--config_file", configs(stage, *overlays, "multi_gpu"), *words, cwd=ROOT):
        assert done.returncode == 0, done.stdout + done.stderr
