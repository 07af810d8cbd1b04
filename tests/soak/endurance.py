"""Memory and file handles over 500 iterations of training and 200 cases of inference: `make soak` (Linux)."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.bundle import ConfigWorkflow

from tests.bright_network import BrightNetwork
from tests.faulty_scans import nifti
from tests.killed_runs import ROOT, configs, settings_of
from tests.run_inference import SMALL
from tests.tiny_dataset import tiny_dataset


class Gauge:
    """Resident memory of this process, MB, and its file handles, after every iteration."""

    def __init__(self, engine: Engine) -> None:
        self.memory: list[float] = []
        self.handles: list[int] = []
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.read)

    def read(self, engine: Engine) -> None:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.memory.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
        self.handles.append(len(os.listdir("/proc/self/fd")))

    def check(self, what: str, warm_up: int, window: int) -> None:
        """Compare the window after the warm-up with the last one."""
        first, last = (
            np.median(self.memory[part]) for part in (slice(warm_up, warm_up + window), slice(-window, None))
        )
        handles = {int(np.median(self.handles[warm_up : warm_up + window])), int(np.median(self.handles[-window:]))}
        print(
            f"{what}: {len(self.memory)} iterations, {first:.1f} MB after warm-up, {last:.1f} MB at the end "
            f"({last / first - 1:+.2%}), file handles {min(self.handles[warm_up:])} to {max(self.handles[warm_up:])}"
        )
        assert last < 1.02 * first
        assert len(handles) == 1


def test_training(tmp_path: Path) -> None:
    dataset = tiny_dataset(tmp_path / "dataset")
    torch.set_num_threads(1)
    arguments = {"epochs": 10, "iterations_per_epoch": 50, "pretrain_epochs": 1, "num_workers": 1}
    arguments |= {"checkpoint_interval": 20}
    settings = settings_of(dataset, tmp_path / "run", arguments)
    workflow = ConfigWorkflow(configs("train", "cpu"), workflow_type="train", **settings)
    workflow.initialize()
    trainer = workflow.parser.get_parsed_content("train#trainer")
    gauge = Gauge(trainer)
    workflow.run()
    gauge.check("training", warm_up=100, window=50)
    assert len(gauge.memory) == 500


def test_inference(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    for number in range(200):
        nifti(scans / f"{number:03d}.nii.gz")
    torch.save(BrightNetwork().state_dict(), tmp_path / "model.pt")
    settings = {**SMALL, "bundle_root": str(ROOT), "dataset_dir": str(scans), "output_dir": str(tmp_path / "out")}
    workflow = ConfigWorkflow(
        configs("inference"), workflow_type="infer", logging_file=False, ckpt=str(tmp_path / "model.pt"), **settings
    )
    workflow.initialize()
    gauge = Gauge(workflow.parser.get_parsed_content("evaluator"))
    workflow.run()
    gauge.check("inference", warm_up=40, window=20)
    assert len(gauge.memory) == 200
