"""Trainings in this process, on scans small enough for a test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from monai.bundle import run

from scripts.checks.workflow import CheckedWorkflow
from tests.killed_runs import TINY, configs

SMALL = {**TINY, "crop_size": 32, "iterations_per_epoch": 2}


def train(stage: str, dataset: Path, output_dir: Path, overlays: tuple[str, ...] = ("cpu",), **settings: Any) -> Path:
    """Run a stage and return its folder."""
    settings = {**SMALL, "dataset_dir": str(dataset), "output_dir": str(output_dir), **settings}
    run(config_file=configs(stage, *overlays), workflow_name=CheckedWorkflow, **settings)
    return output_dir / stage


def train_in_two_processes(stage: str, overlays: tuple[str, ...], settings: dict[str, Any]) -> None:
    """Run a stage under torchrun, as configs/multi_gpu.yaml says, on the processor."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    command += ["-m", "monai.bundle", "run", "--config_file", str(configs(stage, *overlays, "multi_gpu"))]
    settings = {**SMALL, "epochs": 1, **settings}
    for key, value in settings.items():
        command += [f"--{key}", str(value)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
