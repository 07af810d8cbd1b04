"""A training on bad files is refused at once, all of them named, and leaves nothing."""

from __future__ import annotations

from pathlib import Path

import ignite.distributed as idist
import nibabel as nib
import numpy as np
import pytest

from scripts.cases.datalist import split_cases
from scripts.checks.check_training import check_training
from tests.faulty_scans import AFFINE, FAULTS, SCAN, SHAPE, SOUND
from tests.phantom import save
from tests.refusal import refusal
from tests.tiny_dataset import tiny_dataset


def test_every_bad_scan_is_named_and_the_sound_ones_are_not(tmp_path):
    for name, make in {**{name: make for name, (make, _) in FAULTS.items()}, **SOUND}.items():
        make(tmp_path / (name if name == "series_with_gap" else f"{name}.nii.gz"))
    cut_mask = tmp_path / "mask_cut_brain_mask.nii.gz"
    cut_mask.write_bytes(cut_mask.read_bytes()[:60])
    first, *lines = refusal(check_training, str(tmp_path / "out"), [split_cases(str(tmp_path))], "auto").splitlines()
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
    assert (
        refusal(check_training, str(tmp_path / "out"), [split_cases(str(tmp_path))], "auto") == ""
    )  # process 0 has said it
    assert len(seen) == 1 and "b.nii.gz: holds NaN" in seen[0]


def test_labels_that_are_not_binary_or_do_not_fit(tmp_path):
    tiny_dataset(tmp_path)
    label = tmp_path / "validation" / "labels" / "c.nii.gz"
    affine = nib.load(label).affine
    for array, words in ((np.full((48, 44, 40), 7, np.uint8), "0 (background) and 1 (vessel)"), (SCAN, "resample it")):
        save(label, array, affine)
        assert words in refusal(
            check_training, str(tmp_path / "out"), [split_cases(str(tmp_path), "validation")], "auto"
        )


def test_a_file_that_was_a_sound_brain_mask_is_looked_at_as_a_label(tmp_path):
    scan = save(tmp_path / "a.nii.gz", SCAN, AFFINE)
    mask = save(tmp_path / "m.nii.gz", np.full(SHAPE, 7, np.uint8), AFFINE)
    check_training(str(tmp_path / "out"), [[{"image": str(scan), "brain_mask": str(mask)}]], "auto")
    words = refusal(check_training, str(tmp_path / "out"), [[{"image": str(scan), "label": str(mask)}]], "auto")
    assert "0 (background) and 1 (vessel)" in words


def test_a_label_without_vessel_teaches_and_does_not_choose_the_best_epoch(tmp_path):
    case = {"image": str(save(tmp_path / "a.nii.gz", SCAN, AFFINE))}
    case["label"] = str(save(tmp_path / "l.nii.gz", np.zeros(SHAPE, np.uint8), AFFINE))
    check_training(str(tmp_path / "out"), [[case], []], "auto")
    words = refusal(check_training, str(tmp_path / "out"), [[case], [case]], "auto")
    assert "l.nii.gz: holds no vessel, and its Dice, always 0, cannot tell which epoch is the best" in words


def test_an_output_folder_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").touch()
    assert "file/out: cannot be written to" in refusal(check_training, str(tmp_path / "file" / "out"), [], "auto")


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
