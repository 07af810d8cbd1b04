"""Every command looks at its files before it begins, and leaves nothing where it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from scripts.checks.workflow import CheckedWorkflow
from scripts.networks.vessel_unet import VesselSegmenter
from tests.faulty_scans import AFFINE, SCAN, SHAPE
from tests.faulty_weights import CHANNELS, weights_file
from tests.killed_runs import ROOT, TRAINING, configs
from tests.phantom import save
from tests.refusal import refusal
from tests.tiny_dataset import tiny_dataset


@pytest.fixture
def dataset(tmp_path):
    return tiny_dataset(tmp_path / "dataset")


def run(**arguments) -> None:
    workflow = CheckedWorkflow(**arguments)
    workflow.initialize()
    workflow.run()


def command(stage: str, dataset: Path, out: Path, **settings) -> str:
    settings = {**TRAINING, "dataset_dir": str(dataset), "output_dir": str(out), **settings}
    return refusal(run, config_file=configs(stage, "cpu"), **settings)


@pytest.mark.parametrize("stage", ["pretrain", "train", "refine", "supervised"])
def test_every_stage_looks_first(stage, dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("monai.data.CacheDataset.__init__", lambda *_, **__: pytest.fail("scans are being prepared"))
    save(dataset / "training" / "images" / "b.nii.gz", SCAN * np.nan, AFFINE)
    start, labels = tmp_path / "start.pt", dataset / "training" / "labels"
    torch.save(VesselSegmenter(CHANNELS).state_dict(), start)
    labels.mkdir()
    for name in "ab":
        save(labels / f"{name}.nii.gz", np.ones(SHAPE, np.uint8), AFFINE)
    settings = {"pretrained": str(start)} if stage in ("train", "refine") else {}
    if stage == "supervised":
        settings = {"model": "unet"}
    message = command(stage, dataset, tmp_path / "out", **settings)
    assert "training/images/b.nii.gz: holds NaN or infinite values" in message
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_stage_2_looks_at_its_masks_and_weights_before_stage_1(dataset, tmp_path):
    (dataset / "masks_2d" / "bad.png").touch()
    assert "bad.png cannot be read as a picture" in command("train", dataset, tmp_path / "out")
    (dataset / "masks_2d" / "bad.png").unlink()
    start = weights_file(tmp_path, "another width")
    assert "of another width" in command("train", dataset, tmp_path / "out", pretrained=str(start))
    assert "no such file" in command("refine", dataset, tmp_path / "out", pretrained=str(tmp_path / "gone.pt"))
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


@pytest.mark.parametrize("config", ["inference", "evaluate"])
def test_inference_and_evaluation_look_at_their_weights_first(config, dataset, tmp_path):
    start = weights_file(tmp_path, "another width")
    settings = {"dataset_dir": str(dataset), "output_dir": str(tmp_path / "out"), "ckpt": str(start)}
    settings |= {"channels": list(CHANNELS), "bundle_root": str(ROOT), "logging_file": False}
    assert "of another width" in refusal(run, config_file=configs(config), **settings)
    assert not (tmp_path / "out").exists()
