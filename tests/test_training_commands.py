"""The three stages as their configs run them, on scans small enough for a test."""

from __future__ import annotations

import gc
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from monai.bundle import ConfigParser, ConfigWorkflow
from PIL import Image
from torch.nn.parallel import DistributedDataParallel

from scripts.io.user_error import UserError
from scripts.networks.vessel_unet import VesselSegmenter
from tests.interruption import interruption
from tests.killed_runs import ROOT, configs
from tests.small_training import SMALL, train, train_in_two_processes


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    """Output folder of a whole training: stage 2, which runs stage 1 by itself, and stage 3."""
    output_dir = tmp_path_factory.mktemp("run")
    train("train", dataset, output_dir, epochs=2, pretrain_epochs=1)
    train("train", dataset, output_dir, overlays=("synthetic_vessels", "cpu"), epochs=1)
    train("refine", dataset, output_dir, epochs=1)
    return output_dir


def test_every_stage_leaves_weights_that_inference_loads(trained):
    for stage in ("pretrain", "synthetic_vessels", "train", "refine"):
        weights = torch.load(trained / stage / "model.pt", weights_only=True)
        VesselSegmenter(channels=SMALL["channels"]).load_state_dict(weights, strict=True)


def test_stage_2_shows_what_the_discriminator_sees(trained):
    pictures = sorted((trained / "train" / "previews").iterdir())
    assert [picture.name for picture in pictures] == ["epoch_0001.png", "epoch_0002.png"]
    assert np.asarray(Image.open(pictures[-1])).std() > 0


def test_synthetic_vessels_train_all_but_the_embedding_head(trained):
    before, after = (
        torch.load(trained / stage / "checkpoint.pt", weights_only=True) for stage in ("pretrain", "synthetic_vessels")
    )
    same = {name for name, value in before["network"].items() if torch.equal(value, after["network"][name])}
    assert same and all(name.startswith("embedding_head") for name in same)


def test_stage_2_starts_from_synthetic_vessels_where_they_were_trained(trained, dataset, tmp_path):
    for stage in ("pretrain", "synthetic_vessels"):
        (tmp_path / stage).mkdir()
        (tmp_path / stage / "model.pt").write_bytes((trained / stage / "model.pt").read_bytes())
    train("train", dataset, tmp_path, epochs=1)
    record = yaml.safe_load((tmp_path / "train" / "record_1" / "run.yaml").read_text())
    assert str(tmp_path / "synthetic_vessels" / "model.pt") in record["data"]


def test_every_loss_term_is_in_tensorboard(trained):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(str(trained / "train" / "tensorboard")).Reload()
    terms = {"patch_discrimination", "hypersphere_mixup", "region_discrimination", "adversarial", "consistency"}
    shown = {*terms, "entropy", "discriminator", "accuracy_references", "accuracy_projections", "vessel_fraction"}
    assert shown <= set(log.Tags()["scalars"])
    assert "val_dice" in log.Tags()["scalars"]


@pytest.mark.parametrize(
    ("stage", "data"),
    [
        ("pretrain", {"a.nii.gz", "b.nii.gz", "c.nii.gz", "c.nii.gz (label)"}),
        ("synthetic_vessels", {"a.nii.gz", "b.nii.gz", "c.nii.gz", "c.nii.gz (label)", "tree.png", "model.pt"}),
        ("train", {"a.nii.gz", "b.nii.gz", "c.nii.gz", "c.nii.gz (label)", "tree.png", "model.pt"}),
        ("refine", {"a.nii.gz", "b.nii.gz", "c.nii.gz", "c.nii.gz (label)", "model.pt"}),
    ],
)
def test_every_stage_records_its_settings_and_data(stage, data, trained):
    config, record = (
        yaml.safe_load((trained / stage / "record_1" / f"{n}.yaml").read_text()) for n in ("config", "run")
    )
    assert config["channels"] == SMALL["channels"] and isinstance(config["on_gpu"], bool)  # values, not expressions
    assert isinstance(record["mixed_precision"], bool)
    assert config["stage_dir"] == str(trained / stage)
    files = [Path(file) for file in record["data"]]
    assert {f"{file.name} (label)" if file.parent.name == "labels" else file.name for file in files} == data


@pytest.mark.skipif(find_spec("mlflow") is not None, reason="mlflow is installed")
def test_mlflow_is_named_where_it_is_missing(trained, dataset, tmp_path):
    start = str(trained / "train" / "model.pt")
    with pytest.raises(RuntimeError) as error:
        train("refine", dataset, tmp_path, overlays=("cpu", "mlflow"), epochs=1, pretrained=start)
    assert "Please install mlflow" in str(error.getrepr(chain=True))


def test_every_loss_term_is_in_mlflow(trained, dataset, tmp_path):
    client = pytest.importorskip("mlflow").MlflowClient(f"sqlite:///{tmp_path}/mlruns.db")
    weights = {"epochs": 1, "iterations_per_epoch": 10, "pretrained": str(trained / "train" / "model.pt")}
    train("refine", dataset, tmp_path, overlays=("cpu", "mlflow"), **weights)
    experiment = client.get_experiment_by_name("vessel_sld")
    (logged,) = client.search_runs(experiment.experiment_id)
    assert {"reliability", "reliable_fraction", "vessel_fraction", "val_dice"} <= set(logged.data.metrics)
    assert (logged.info.run_name, logged.info.status) == (str(tmp_path / "refine"), "FINISHED")


def test_an_interrupted_stage_2_ends_like_an_uninterrupted_one(trained, dataset, tmp_path):
    (tmp_path / "pretrain").mkdir()
    (tmp_path / "pretrain" / "model.pt").write_bytes((trained / "pretrain" / "model.pt").read_bytes())
    overlay = interruption(tmp_path / "interruption.yaml")
    with pytest.raises(RuntimeError, match="Failed to evaluate"):
        train("train", dataset, tmp_path, overlays=("cpu", str(overlay.with_suffix(""))), epochs=2)
    train("train", dataset, tmp_path, epochs=2)
    whole, resumed = (
        torch.load(folder / "train" / "checkpoint.pt", weights_only=True) for folder in (trained, tmp_path)
    )
    assert whole["trainer"] == resumed["trainer"]
    iterations = [
        yaml.safe_load((tmp_path / f"train/record_{number}/run.yaml").read_text())["iteration"] for number in (1, 2)
    ]
    assert iterations == [0, 2]
    for part in ("network", "ema", "discriminator"):
        for key, value in whole[part].items():
            assert torch.equal(value, resumed[part][key]), (part, key)


def test_a_checkpoint_of_other_settings_is_refused(trained, dataset):
    with pytest.raises(UserError, match=r"checkpoint\.pt: this checkpoint is of a run with other settings"):
        train("train", dataset, trained, epochs=2, iterations_per_epoch=3)


def test_weights_that_are_not_there_are_named(dataset, tmp_path):
    with pytest.raises(UserError, match="mine.pt: no such weights"):
        train("train", dataset, tmp_path, epochs=1, pretrained=str(tmp_path / "mine.pt"))


@pytest.mark.parametrize("stage", ["pretrain", "train", "refine"])
def test_check_properties(stage, dataset, trained):
    workflow = ConfigWorkflow(
        config_file=configs(stage),
        workflow_type="train",
        **{**SMALL, "dataset_dir": str(dataset), "output_dir": str(trained), "crop_size": 32},
    )
    workflow.initialize()
    assert workflow.check_properties() == []


@pytest.mark.parametrize("config", ["inference", "evaluate"])
def test_check_properties_of_inference_on_the_same_folder(config, dataset):
    workflow = ConfigWorkflow(
        config_file=configs(config),
        workflow_type="infer",
        bundle_root=str(ROOT),
        dataset_dir=str(dataset),
        logging_file=False,
    )
    workflow.initialize()
    assert workflow.check_properties() == []


@pytest.mark.parametrize(
    ("stage", "overlays", "start"),
    [
        ("pretrain", ("cpu",), None),
        ("train", ("cpu",), "pretrain"),
        ("train", ("synthetic_vessels", "cpu"), "pretrain"),
        ("refine", ("cpu",), "train"),
    ],
)
def test_two_processes(stage, overlays, start, dataset, trained, tmp_path):
    settings = {"dataset_dir": dataset, "output_dir": tmp_path, "crop_pairs": 2}
    if start is not None:
        settings["pretrained"] = trained / start / "model.pt"
    train_in_two_processes(stage, overlays, settings)
    folder = tmp_path / ("synthetic_vessels" if "synthetic_vessels" in overlays else stage)
    assert (folder / "model.pt").is_file()
    assert [path.name for path in folder.glob("record_*")] == ["record_1"]  # of one process alone


def test_no_network_outlives_the_group_of_processes(dataset, trained, tmp_path, monkeypatch):
    variables = {"RANK": 0, "WORLD_SIZE": 1, "LOCAL_RANK": 0, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": 0}
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    alive = []
    destroy = torch.distributed.destroy_process_group

    def count_and_destroy():
        alive.append(sum(isinstance(item, DistributedDataParallel) for item in gc.get_objects()))
        destroy()

    monkeypatch.setattr(torch.distributed, "destroy_process_group", count_and_destroy)
    train("refine", dataset, tmp_path, ("cpu", "multi_gpu"), epochs=1, pretrained=str(trained / "train" / "model.pt"))
    assert alive == [0]


@pytest.mark.parametrize(("capabilities", "amp"), [({"avx512_bf16": True}, True), ({"avx2": True}, False)])
def test_a_processor_trains_in_bfloat16_where_it_has_it(capabilities, amp, dataset, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    parser = ConfigParser()
    parser.read_config(configs("pretrain", "cpu"))
    parser.update({**SMALL, "dataset_dir": str(dataset)})
    assert parser.get_parsed_content("train#trainer").amp is amp
