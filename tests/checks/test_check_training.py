"""A training on bad files is refused at once, all of them named, and leaves nothing."""

from __future__ import annotations

import re
from pathlib import Path

import ignite.distributed as idist
import nibabel as nib
import numpy as np
import pytest
import torch

from scripts.cases.datalist import split_cases
from scripts.checks.check_training import check_training
from scripts.checks.check_weights import check_weights
from scripts.checks.workflow import CheckedWorkflow
from scripts.io.user_error import UserError
from scripts.networks.vessel_unet import VesselSegmenter, VesselUNet
from tests.faulty_scans import AFFINE, FAULTS, SCAN, SHAPE, SOUND
from tests.killed_runs import ROOT, TRAINING, configs
from tests.phantom import save
from tests.tiny_dataset import tiny_dataset

CHANNELS = (2, 2, 4, 4, 4)


def refusal(*arguments, check=check_training, **keywords) -> str:
    with pytest.raises(UserError) as error:
        check(*arguments, **keywords)
    return str(error.value)


def test_every_bad_scan_is_named_and_the_sound_ones_are_not(tmp_path):
    for name, make in {**{name: make for name, (make, _) in FAULTS.items()}, **SOUND}.items():
        make(tmp_path / (name if name == "series_with_gap" else f"{name}.nii.gz"))
    cut_mask = tmp_path / "mask_cut_brain_mask.nii.gz"
    cut_mask.write_bytes(cut_mask.read_bytes()[:60])
    first, *lines = refusal(str(tmp_path / "out"), [split_cases(str(tmp_path))], "auto").splitlines()
    assert first == f"{len(FAULTS)} file(s) cannot be trained with; nothing was begun:"
    for name, (_, words) in FAULTS.items():
        assert any(f"{tmp_path}/{name}" in line and words in line for line in lines), name


def test_processes_share_the_reading_and_all_refuse(tmp_path, monkeypatch):
    for name in "abc":
        save(tmp_path / f"{name}.nii.gz", SCAN * np.nan, AFFINE)
    seen = []
    monkeypatch.setattr(idist, "get_world_size", lambda: 2)
    monkeypatch.setattr(idist, "get_rank", lambda: 1)
    monkeypatch.setattr(idist, "all_gather", lambda faults: (seen.extend(faults), [["a: bad"], faults])[1])
    assert refusal(str(tmp_path / "out"), [split_cases(str(tmp_path))], "auto") == ""  # process 0 has said it
    assert len(seen) == 1 and "b.nii.gz: holds NaN" in seen[0]


def test_labels_that_are_not_binary_or_do_not_fit(tmp_path):
    tiny_dataset(tmp_path)
    label = tmp_path / "validation" / "labels" / "c.nii.gz"
    affine = nib.load(label).affine
    for array, words in ((np.full((48, 44, 40), 7, np.uint8), "0 (background) and 1 (vessel)"), (SCAN, "resample it")):
        save(label, array, affine)
        assert words in refusal(str(tmp_path / "out"), [split_cases(str(tmp_path), "validation")], "auto")


def test_a_file_that_was_a_sound_brain_mask_is_looked_at_as_a_label(tmp_path):
    scan = save(tmp_path / "a.nii.gz", SCAN, AFFINE)
    mask = save(tmp_path / "m.nii.gz", np.full(SHAPE, 7, np.uint8), AFFINE)
    check_training(str(tmp_path / "out"), [[{"image": str(scan), "brain_mask": str(mask)}]], "auto")
    words = refusal(str(tmp_path / "out"), [[{"image": str(scan), "label": str(mask)}]], "auto")
    assert "0 (background) and 1 (vessel)" in words


def test_a_label_without_vessel_teaches_and_does_not_choose_the_best_epoch(tmp_path):
    case = {"image": str(save(tmp_path / "a.nii.gz", SCAN, AFFINE))}
    case["label"] = str(save(tmp_path / "l.nii.gz", np.zeros(SHAPE, np.uint8), AFFINE))
    check_training(str(tmp_path / "out"), [[case], []], "auto")
    words = refusal(str(tmp_path / "out"), [[case], [case]], "auto")
    assert "l.nii.gz: holds no vessel, and its Dice, always 0, cannot tell which epoch is the best" in words


def test_an_output_folder_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").touch()
    assert "file/out: cannot be written to" in refusal(str(tmp_path / "file" / "out"), [], "auto")


class RunsCode:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


def weights_file(folder: Path, fault: str) -> Path:
    file = folder / "model.pt"
    state = VesselSegmenter(CHANNELS).state_dict()
    torch.save({"sound": state}.get(fault, state), file)
    if fault == "under a key":
        torch.save({"model": state}, file)
    elif fault == "truncated":
        file.write_bytes(file.read_bytes()[:-500])
    elif fault == "cut early":
        file.write_bytes(file.read_bytes()[:500])
    elif fault == "empty":
        file.write_bytes(b"")
    elif fault == "text":
        file.write_text("version https://git-lfs.github.com/spec/v1\n")
    elif fault == "code":
        torch.save({**state, "more": RunsCode(folder / "ran")}, file)
    elif fault == "another width":
        torch.save(VesselSegmenter((4, 4, 4, 4, 4)).state_dict(), file)
    elif fault == "without the key":
        torch.save({"weights": state}, file)
    elif fault == "checkpoint":
        torch.save({"network": state, "trainer": {"iteration": 3}}, file)
    elif fault == "no dictionary":
        torch.save([1, 2], file)
    elif fault == "not finite":
        torch.save({key: tensor * torch.nan for key, tensor in state.items()}, file)
    elif fault == "gone":
        file.unlink()
    return file


@pytest.mark.parametrize("network", [VesselSegmenter(CHANNELS), VesselUNet(CHANNELS)])
@pytest.mark.parametrize("fault", ["sound", "under a key"])
def test_weights_of_the_network_pass(tmp_path, fault, network):
    check_weights(str(weights_file(tmp_path, fault)), network)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("truncated", "no whole file of torch.save"),
        ("cut early", "no whole file of torch.save"),
        ("empty", "no whole file of torch.save"),
        ("text", "is refused. It is damaged"),
        ("code", "could run code"),
        ("another width", "of another width: .* Give --channels"),
        ("without the key", r"no weights of this network: .*such as weights\)"),
        ("checkpoint", "a checkpoint to go on from; give the weights beside it"),
        ("no dictionary", "holds a list"),
        ("not finite", "holds NaN or infinity"),
        ("gone", "no such file"),
    ],
)
def test_other_weights_are_refused(tmp_path, fault, words):
    file = weights_file(tmp_path, fault)
    message = refusal(str(file), VesselSegmenter(CHANNELS), check=check_weights)
    assert message.startswith(f"{file}: ")
    assert re.search(words, message)
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def dataset(tmp_path):
    return tiny_dataset(tmp_path / "dataset")


def run(**arguments) -> None:
    workflow = CheckedWorkflow(**arguments)
    workflow.initialize()
    workflow.run()


def command(stage: str, dataset: Path, out: Path, **settings) -> str:
    settings = {**TRAINING, "dataset_dir": str(dataset), "output_dir": str(out), **settings}
    return refusal(check=run, config_file=configs(stage, "cpu"), **settings)


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
    assert "of another width" in refusal(check=run, config_file=configs(config), **settings)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("weights", "checkpoint", "words"),
    [
        (None, False, "starting from random weights"),
        ("a/model.pt", False, "starting from the weights a/model.pt"),
        ("a/model.pt", True, "going on from the checkpoint"),
    ],
)
def test_the_log_says_first_what_a_training_starts_from(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, weights: str | None, checkpoint: bool, words: str
) -> None:
    caplog.set_level("INFO")
    if checkpoint:
        (tmp_path / "checkpoint.pt").touch()
    check_training(str(tmp_path), [], "auto", weights=weights)
    assert words in caplog.messages[0]
