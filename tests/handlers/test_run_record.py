from __future__ import annotations

import hashlib
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
import torch
import yaml
from ignite.engine import Engine
from monai.bundle import ConfigWorkflow

from scripts.checks.workflow import CheckedWorkflow
from scripts.handlers import run_record
from scripts.handlers.run_record import RunRecord, bundle_commit
from scripts.io.content import file_sha256

CONFIG = """
device: $torch.device('cpu')
crop_size: 32
amp: $@crop_size > 32
rate: 0.1
network: $torch.nn.Linear(1, 1)
record:
  _target_: scripts.handlers.run_record.RunRecord
  output_dir: OUT
  seed: 0
  data: []
  workflow: '@workflow'
workflow: null
engine: "$ignite.engine.Engine(lambda engine, batch: None)"
run:
- $@record.attach(@engine)
- $@engine.run([0])
"""


def read(folder: Path, name: str) -> dict:
    return yaml.safe_load((folder / f"{name}.yaml").read_text())


def record(handler: RunRecord, iteration: int = 0) -> None:
    """Run an engine for one iteration after `iteration` of them."""
    engine = Engine(lambda engine, batch: None)
    handler.attach(engine)
    engine.load_state_dict({"iteration": iteration, "epoch_length": 1, "max_epochs": iteration + 1})
    engine.run([0])


def test_the_voxels_that_a_header_names_count(tmp_path: Path) -> None:
    (tmp_path / "scan.mhd").write_text("NDims = 3\nElementDataFile = scan.raw\n")
    hashes = set()
    for number, voxels in enumerate((b"0", b"1"), start=1):
        (tmp_path / "scan.raw").write_bytes(voxels)
        record(RunRecord(str(tmp_path / "out"), 0, [[{"image": str(tmp_path / "scan.mhd")}]]))
        hashes |= set(read(tmp_path / "out" / f"record_{number}", "run")["data"].values())
    assert len(hashes) == 2


def test_every_data_file_is_hashed(tmp_path: Path) -> None:
    for name in ("scan", "mask", "masks_2d/a", "masks_2d/b"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode() * 2**19)
    cases = [{"image": str(tmp_path / "scan"), "brain_mask": str(tmp_path / "mask")}]
    record(RunRecord(str(tmp_path / "out"), 3, [cases, cases, str(tmp_path / "masks_2d"), str(tmp_path / "absent")]))
    written = read(tmp_path / "out" / "record_1", "run")
    assert written["data"] == {
        str(tmp_path / name): hashlib.sha256(name.encode() * 2**19).hexdigest()
        for name in ("mask", "masks_2d/a", "masks_2d/b", "scan")
    }
    assert (written["seed"], written["iteration"]) == (3, 0)
    assert written["packages"]["torch"] == version("torch")


def test_a_resumed_run_adds_its_own_record(tmp_path: Path) -> None:
    handler = RunRecord(str(tmp_path), 0, [])
    record(handler)
    first = (tmp_path / "record_1" / "run.yaml").read_bytes()
    (tmp_path / ".record_2.part").mkdir()  # left by an interruption
    record(handler, iteration=7)
    assert (tmp_path / "record_1" / "run.yaml").read_bytes() == first
    assert read(tmp_path / "record_2", "run")["iteration"] == 7
    assert {path.name for path in tmp_path.iterdir()} == {"record_1", "record_2"}


def test_the_config_is_the_one_that_ran_and_runs_again(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("imports: ['$import ignite']\n" + CONFIG.replace("OUT", str(tmp_path)))
    device = torch.device("cpu")
    overrides = {"rate": 0.2, "crop_size": 48, "device": device}
    CheckedWorkflow(str(tmp_path / "config.yaml"), logging_file=False, **overrides).run()
    written = read(tmp_path / "record_1", "config")
    assert (written["rate"], written["crop_size"], written["amp"]) == (0.2, 48, True)
    assert written["device"] == "$torch.device(type='cpu')"
    assert written["network"] == "$torch.nn.Linear(1, 1)"  # no plain value
    CheckedWorkflow(str(tmp_path / "record_1" / "config.yaml"), logging_file=False).run()
    assert read(tmp_path / "record_2", "config") == written


def test_a_workflow_of_monais_own_leaves_no_config(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("imports: ['$import ignite']\n" + CONFIG.replace("OUT", str(tmp_path)))
    ConfigWorkflow(str(tmp_path / "config.yaml"), logging_file=False).run()
    assert [path.name for path in (tmp_path / "record_1").iterdir()] == ["run.yaml"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("checkout", [True, False])
def test_the_commit_is_that_of_a_checkout_and_of_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkout: bool
) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    (tmp_path / "file").write_text("1")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    monkeypatch.setattr(run_record, "BUNDLE", tmp_path if checkout else tmp_path / "unpacked")
    assert bundle_commit() == (head if checkout else None)
    (tmp_path / "file").write_text("2")
    assert bundle_commit() == (f"{head}-dirty" if checkout else None)


def test_an_empty_file_has_a_hash_too(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert file_sha256(tmp_path / "empty") == hashlib.sha256().hexdigest()
