"""The supervised baselines as their configs run them: trained, resumed, evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.bundle import ConfigWorkflow, run

from scripts.baselines.baseline_networks import baseline_network
from tests.interruption import interruption
from tests.killed_runs import ROOT, configs
from tests.phantom import RAS, grid, phantom, save

SHAPE = (48, 44, 40)
CHANNELS = [2, 4, 8, 16, 32]
NETWORK = {
    "bundle_root": str(ROOT),
    "channels": CHANNELS,
    "brain_mask": "none",
    "window": [32, 32, 32],
    "num_workers": 0,
    "logging_file": False,
}
TRAINING = {**NETWORK, "crop_size": 32, "crops": 2, "iterations_per_epoch": 2, "amp": False}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    """A labelled scan in every split."""
    root = tmp_path_factory.mktemp("dataset")
    affine = grid(RAS, (0.6, 0.6, 0.6), SHAPE)
    scan, vessel = phantom(affine, SHAPE)
    for split in ("training", "validation", "test"):
        for folder, volume in (("images", scan), ("labels", vessel.astype(np.float32))):
            (root / split / folder).mkdir(parents=True)
            save(root / split / folder / f"{split}.nii.gz", volume, affine)
    return root


def train(model: str, dataset: Path, output_dir: Path, overlays: Sequence[str] = (), **settings: object) -> Path:
    """Train a model and return its folder."""
    settings = {**TRAINING, "model": model, "dataset_dir": str(dataset), "output_dir": str(output_dir), **settings}
    run(config_file=[*configs("supervised", "cpu"), *overlays], **settings)
    return output_dir / f"supervised_{model}"


@pytest.fixture(scope="module")
def trained(dataset: Path, tmp_path_factory) -> Path:
    """Output folder of three models, each trained for two epochs."""
    output_dir = tmp_path_factory.mktemp("run")
    for model in ("unet", "dsn", "deepvesselnet_fcn"):
        train(model, dataset, output_dir, epochs=2)
    return output_dir


@pytest.mark.parametrize("model", ["unet", "dsn", "deepvesselnet_fcn"])
def test_training_leaves_weights_that_evaluation_loads(
    model: str, trained: Path, dataset: Path, tmp_path: Path
) -> None:
    weights = trained / f"supervised_{model}" / "model.pt"
    baseline_network(model, CHANNELS).load_state_dict(torch.load(weights, weights_only=True), strict=True)
    places = {"dataset_dir": str(dataset), "output_dir": str(tmp_path), "ckpt": str(weights)}
    run(config_file=configs("evaluate", "baseline"), model=model, **places, **NETWORK)
    assert (tmp_path / "metrics.csv").read_text().splitlines()[1].startswith("test,")


def test_the_u_net_needs_no_overlay(trained: Path, dataset: Path, tmp_path: Path) -> None:
    places = {"dataset_dir": str(dataset), "ckpt": str(trained / "supervised_unet" / "model.pt")}
    run(config_file=configs("evaluate"), output_dir=str(tmp_path / "plain"), **places, **NETWORK)
    run(config_file=configs("evaluate", "baseline"), output_dir=str(tmp_path / "baseline"), **places, **NETWORK)
    plain, baseline = ((tmp_path / name / "metrics.csv").read_text() for name in ("plain", "baseline"))
    assert plain == baseline


def test_an_interrupted_training_ends_like_an_uninterrupted_one(trained: Path, dataset: Path, tmp_path: Path) -> None:
    overlay = interruption(tmp_path / "interruption.yaml")
    with pytest.raises(RuntimeError, match="Failed to evaluate"):
        train("unet", dataset, tmp_path, epochs=2, overlays=[str(overlay)])
    assert torch.load(tmp_path / "supervised_unet" / "checkpoint.pt", weights_only=True)["trainer"]["iteration"] == 2
    resumed = train("unet", dataset, tmp_path, epochs=2)
    whole, again = (
        torch.load(folder / "checkpoint.pt", weights_only=True) for folder in (trained / "supervised_unet", resumed)
    )
    assert (whole["trainer"], whole["best_metric"]) == (again["trainer"], again["best_metric"])
    assert all(torch.equal(value, again["network"][key]) for key, value in whole["network"].items())


def test_a_missing_label_is_named_before_the_training(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "images").symlink_to(dataset / "training" / "images")
    with pytest.raises(RuntimeError) as error:
        train("unet", tmp_path, tmp_path / "run")
    assert "training.nii.gz: its label is missing" in str(error.getrepr(chain=True))


def test_check_properties(dataset: Path, tmp_path: Path) -> None:
    settings = {**TRAINING, "dataset_dir": str(dataset), "output_dir": str(tmp_path)}
    workflow = ConfigWorkflow(config_file=configs("supervised"), workflow_type="train", **settings)
    workflow.initialize()
    assert workflow.check_properties() == []
