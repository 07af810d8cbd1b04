"""Inference that is killed, interrupted or without space: what is done is kept, no half file is taken for a result."""

from __future__ import annotations

import errno
import os
import signal
from itertools import count
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch

from scripts.io.user_error import Interrupted, UserError
from scripts.results import case_writer
from scripts.results.run_outcome import CasesFailed
from tests.bright_network import BrightNetwork
from tests.faulty_scans import nifti
from tests.killed_runs import TINY, command, configs
from tests.run_inference import SMALL, run_inference, summary

NAMES = ("a", "b", "c")


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    (tmp_path / "scans").mkdir()
    for name in NAMES:
        nifti(tmp_path / "scans" / f"{name}.nii.gz")
    return tmp_path / "scans"


def contents(folder: Path) -> dict[str, bytes]:
    """The results of a folder, volumes without the time that gzip notes; summary and report hold durations."""
    files = {file.name: file for file in sorted(folder.iterdir()) if file.name not in ("summary.csv", "report.html")}
    read = {name: np.asarray(nib.load(file).dataobj).tobytes() for name, file in files.items() if ".nii" in name}
    return {name: read.get(name) or file.read_bytes() for name, file in files.items()}


@pytest.mark.parametrize(("renamed", "before"), [(3, True), (9, False)])
def test_killed_and_given_again(scans: Path, tmp_path: Path, renamed: int, before: bool) -> None:
    torch.save(BrightNetwork().state_dict(), tmp_path / "model.pt")
    folders = {kind: tmp_path / kind for kind in ("whole", "killed")}
    arguments = {key: value for key, value in TINY.items() if key not in ("channels",)}
    arguments |= {**SMALL, "dataset_dir": str(scans), "ckpt": str(tmp_path / "model.pt")}

    def infer(kind: str, **kill: object) -> bool:
        return command(configs("inference"), {**arguments, "output_dir": str(folders[kind])}, **kill)

    assert infer("whole")
    assert not infer("killed", renamed=renamed, before=before)
    assert all(
        np.asarray(nib.load(file).dataobj).size for file in folders["killed"].glob("[!.]*.nii.gz")
    )  # none is half
    assert infer("killed")
    assert contents(folders["whole"]) == contents(folders["killed"])
    assert set(summary(folders["killed"])) == set(NAMES)


def test_ctrl_c(scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, preview = count(1), case_writer.case_preview

    def press(*arguments):
        if next(calls) == 2:  # at the second scan
            os.kill(os.getpid(), signal.SIGINT)
        return preview(*arguments)

    monkeypatch.setattr(case_writer, "case_preview", press)
    with pytest.raises(Interrupted, match="the same command goes on with the scans that are not done"):
        run_inference(scans, tmp_path / "out", tmp_path / "model.pt")
    assert {name: row["status"] for name, row in summary(tmp_path / "out").items()} == {"a": "done", "b": "started"}
    assert not list((tmp_path / "out").glob(".*"))


def test_a_full_disk_ends_the_run_and_keeps_what_is_done(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = nib.Nifti1Image.to_filename

    def full(image, path):
        if "b_" in str(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(image, path)

    monkeypatch.setattr(nib.Nifti1Image, "to_filename", full)
    with pytest.raises(UserError, match="out/b_vessels.nii.gz: No space left on device; free space"):
        run_inference(scans, tmp_path / "out", tmp_path / "model.pt")
    assert {name: row["status"] for name, row in summary(tmp_path / "out").items()} == {"a": "done", "b": "started"}
    monkeypatch.undo()
    run_inference(scans, tmp_path / "out", tmp_path / "model.pt")
    assert set(summary(tmp_path / "out")) == set(NAMES)


def test_an_answer_that_is_not_finite_is_no_result(scans: Path, tmp_path: Path) -> None:
    network = {"_target_": "tests.test_inference_interruption.Broken"}
    with pytest.raises(CasesFailed, match="3 case"):
        run_inference(scans, tmp_path / "out", tmp_path / "model.pt", network_def=network)
    assert all("not finite" in row["error"] for row in summary(tmp_path / "out").values())
    assert not list((tmp_path / "out").glob("*.nii.gz"))


class Broken(BrightNetwork):
    """NaN where another network would see a vessel."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.where(x > 2, torch.nan, super().forward(x))
