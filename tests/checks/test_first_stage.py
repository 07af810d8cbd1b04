from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from scripts.checks import first_stage
from scripts.checks.first_stage import ensure_pretrained


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The arguments of every run of stage 1."""
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(first_stage, "run_config", lambda file, **given: seen.append({"config_file": file, **given}))
    return seen


def ensure(folder: Path, **overrides: Any) -> None:
    overrides["output_dir"] = str(folder)
    ensure_pretrained(f"{folder}/pretrain/model.pt", "pretrain.yaml", f"{folder}/train/checkpoint.pt", overrides)


def test_stage_1_is_run_with_the_settings_of_stage_2(tmp_path: Path, runs: list[dict[str, Any]]) -> None:
    ensure(tmp_path, vessel_prior=None, epochs=3)
    settings = {"output_dir": str(tmp_path), "vessel_prior": None, "epochs": 3}
    assert runs == [{"config_file": "pretrain.yaml", "logging_file": False, **settings}]


def test_stage_1_is_left_to_a_caller_that_loads_weights(tmp_path: Path, runs: list[dict[str, Any]]) -> None:
    ensure_pretrained(f"{tmp_path}/pretrain/model.pt", "", f"{tmp_path}/none", {}, first_handler="CheckpointLoader")
    assert runs == []


@pytest.mark.parametrize("file", ["pretrain/model.pt", "train/checkpoint.pt"])
def test_nothing_is_run_where_there_is_something_to_start_from(
    tmp_path: Path, runs: list[dict[str, Any]], file: str
) -> None:
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).touch()
    ensure(tmp_path)
    assert runs == []


@pytest.mark.parametrize(("iteration", "goes_on"), [(5, True), (6, False)])
def test_an_interrupted_stage_1_is_finished_first(
    tmp_path: Path, runs: list[dict[str, Any]], iteration: int, goes_on: bool
) -> None:
    (tmp_path / "pretrain").mkdir()
    (tmp_path / "pretrain" / "model.pt").touch()  # of the epochs that were
    trainer = {"iteration": iteration, "epoch_length": 2, "max_epochs": 3}
    torch.save({"trainer": trainer}, tmp_path / "pretrain" / "checkpoint.pt")
    ensure(tmp_path)
    assert bool(runs) is goes_on


@pytest.mark.parametrize(("iteration", "warned"), [(5, True), (6, False)])
def test_weights_of_another_interrupted_training_are_taken_with_a_warning(
    tmp_path: Path, runs: list[dict[str, Any]], caplog: pytest.LogCaptureFixture, iteration: int, warned: bool
) -> None:
    (tmp_path / "synthetic_vessels").mkdir()
    (tmp_path / "synthetic_vessels" / "model.pt").touch()
    trainer = {"iteration": iteration, "epoch_length": 2, "max_epochs": 3}
    torch.save({"trainer": trainer}, tmp_path / "synthetic_vessels" / "checkpoint.pt")
    checkpoint = f"{tmp_path}/train/checkpoint.pt"
    ensure_pretrained(
        f"{tmp_path}/synthetic_vessels/model.pt", "pretrain.yaml", checkpoint, {"output_dir": str(tmp_path)}
    )
    assert runs == []
    assert ("synthetic_vessels/model.pt: starting from the best so far" in caplog.text) is warned
