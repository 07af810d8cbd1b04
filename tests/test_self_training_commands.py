"""Self-training as its configs run it: masks from inference, then the training on them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from monai.bundle import run

from scripts.io.user_error import UserError
from scripts.networks.vessel_unet import VesselSegmenter
from tests.interruption import interruption
from tests.killed_runs import ROOT, TINY
from tests.small_training import train, train_in_two_processes

OVERLAYS = ("synthetic_vessels", "cpu", "selftrain")


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    """Output folder of a training on synthetic vessels, which runs stage 1 by itself."""
    output_dir = tmp_path_factory.mktemp("run")
    train("train", dataset, output_dir, overlays=("synthetic_vessels", "cpu"), epochs=1, pretrain_epochs=1)
    return output_dir


@pytest.fixture(scope="module")
def self_trained(trained, dataset):
    """Folder of a self-training on the masks that the weights of synthetic vessels find in the training scans."""
    settings = {**TINY, "dataset_dir": str(dataset / "training"), "output_dir": str(trained / "masks")}
    weights = str(trained / "synthetic_vessels" / "model.pt")
    run(config_file=str(ROOT / "configs/inference.yaml"), ckpt=weights, tta=True, report=False, **settings)
    train("train", dataset, trained, OVERLAYS, epochs=2)
    return trained / "selftrain"


def test_self_training_learns_from_the_masks_of_the_training_scans(self_trained, trained):
    VesselSegmenter(channels=TINY["channels"]).load_state_dict(torch.load(self_trained / "model.pt", weights_only=True))
    data = [Path(file) for file in yaml.safe_load((self_trained / "record_1" / "run.yaml").read_text())["data"]]
    assert {trained / "masks" / f"{name}_vessels.nii.gz" for name in "ab"} < set(data)
    assert trained / "synthetic_vessels" / "model.pt" in data
    augment = yaml.safe_load((self_trained / "record_1" / "config.yaml").read_text())["augment"]["transforms"]
    assert [augment[0]["_target_"], augment[-1]["_target_"]] == ["RandGaussianNoise", "RandSimulateLowResolution"]


def test_an_interrupted_self_training_ends_like_an_uninterrupted_one(self_trained, trained, dataset, tmp_path):
    places = {"predictions_dir": str(trained / "masks"), "pretrained": str(trained / "synthetic_vessels" / "model.pt")}
    overlay = interruption(tmp_path / "interruption.yaml")
    with pytest.raises(RuntimeError, match="Failed to evaluate"):
        train("train", dataset, tmp_path, (*OVERLAYS, str(overlay.with_suffix(""))), epochs=2, **places)
    train("train", dataset, tmp_path, OVERLAYS, epochs=2, **places)
    whole, resumed = (
        torch.load(folder / "checkpoint.pt", weights_only=True) for folder in (self_trained, tmp_path / "selftrain")
    )
    assert whole["trainer"] == resumed["trainer"]
    assert all(torch.equal(value, resumed["ema"][key]) for key, value in whole["ema"].items())


def test_two_processes(self_trained, trained, dataset, tmp_path):
    places = {"predictions_dir": trained / "masks", "pretrained": trained / "synthetic_vessels" / "model.pt"}
    train_in_two_processes("train", OVERLAYS, {"dataset_dir": dataset, "output_dir": tmp_path, **places})
    assert (tmp_path / "selftrain" / "model.pt").is_file()


def test_masks_that_are_not_there_are_named_before_the_self_training(dataset, trained, tmp_path):
    weights = str(trained / "synthetic_vessels" / "model.pt")
    with pytest.raises(UserError, match="masks: holds no mask a_vessels"):
        train("train", dataset, tmp_path, OVERLAYS, epochs=1, pretrained=weights)


def test_self_training_without_its_start_names_it(dataset, self_trained, tmp_path):
    masks = str(self_trained.parent / "masks")
    with pytest.raises(UserError, match="synthetic_vessels/model.pt: no such weights"):
        train("train", dataset, tmp_path, OVERLAYS, epochs=1, predictions_dir=masks)
