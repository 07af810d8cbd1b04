"""Weights are not used with other settings than they were trained with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from ignite.engine import Engine

from scripts.checks.check_weights import check_weights
from scripts.handlers.best_model import BestModel
from scripts.io.user_error import UserError
from scripts.io.weights_needs import read_needs, write_needs
from scripts.networks.vessel_unet import VesselSegmenter

ROOT = Path(__file__).parents[2]
CHANNELS = [2, 2, 4, 4, 4]
NEEDS = {"spacing": 0.4, "channels": CHANNELS, "cluster_activation": "sigmoid"}
NETWORK = VesselSegmenter(CHANNELS)


def trained(folder: Path, needs: dict[str, Any] | None) -> str:
    """Weights as a training leaves them."""
    evaluator = Engine(lambda *_: None)
    BestModel(NETWORK, str(folder / "model.pt"), needs=needs).attach(evaluator)
    evaluator.state.best_metric_epoch = 1
    evaluator.run([0])
    return str(folder / "model.pt")


def test_weights_of_other_settings_are_refused(tmp_path: Path) -> None:
    path = trained(tmp_path, NEEDS)
    check_weights(path, NETWORK, NEEDS)
    with pytest.raises(UserError) as error:
        check_weights(path, NETWORK, {**NEEDS, "spacing": 0.6, "cluster_activation": "softmax"})
    assert str(error.value) == (
        f"{path}: these weights were trained with other settings than cluster_activation softmax, spacing 0.6. "
        "Give --cluster_activation sigmoid --spacing 0.4"
    )
    with pytest.raises(UserError, match=r"Give --channels \[2,2,4,4,4\]"):
        check_weights(path, NETWORK, {**NEEDS, "channels": [4, 4, 4, 4, 4]})


def test_weights_of_which_nothing_is_noted_pass(tmp_path: Path) -> None:
    path = trained(tmp_path, None)
    assert not (tmp_path / "model.json").exists()
    check_weights(path, NETWORK, NEEDS)


def test_another_threshold_is_only_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = trained(tmp_path, {**NEEDS, "threshold": 0.4})
    check_weights(path, NETWORK, NEEDS, threshold=0.4)
    assert not [record for record in caplog.records if record.levelname == "WARNING"]
    check_weights(path, NETWORK, NEEDS, threshold=0.3)
    assert "the threshold of these weights is 0.4, that of this run 0.3" in caplog.text


@pytest.mark.parametrize("content", ["{", "[1]", ""])
def test_a_damaged_note_is_named(tmp_path: Path, content: str) -> None:
    path = trained(tmp_path, NEEDS)
    (tmp_path / "model.json").write_text(content)
    with pytest.raises(UserError, match="model.json"):
        check_weights(path, NETWORK, NEEDS)


def test_the_weights_stay_a_plain_state_dict(tmp_path: Path) -> None:
    state = torch.load(trained(tmp_path, NEEDS), weights_only=True)
    assert state.keys() == NETWORK.state_dict().keys()
    assert json.loads((tmp_path / "model.json").read_text()) == NEEDS == read_needs(tmp_path / "model.pt")


def test_the_note_is_written_once(tmp_path: Path) -> None:
    write_needs(tmp_path / "model.pt", NEEDS)
    before = (tmp_path / "model.json").stat().st_ino
    write_needs(tmp_path / "model.pt", NEEDS)
    assert (tmp_path / "model.json").stat().st_ino == before
    write_needs(tmp_path / "model.pt", {**NEEDS, "spacing": 0.6})
    assert read_needs(tmp_path / "model.pt")["spacing"] == 0.6


@pytest.mark.parametrize("name", ["train", "refine", "inference", "evaluate"])
def test_all_that_the_weights_depend_on_is_noted_and_compared(name: str) -> None:
    config = yaml.safe_load((ROOT / f"configs/{name}.yaml").read_text())
    needs = config.get("needs") or next(step["needs"] for step in config["run"] if "needs" in step)
    network = yaml.safe_load((ROOT / "configs/inference.yaml").read_text())["network_def"].keys() - {"_target_"}
    assert needs == {key: f"@{key}" for key in ("spacing", *network)}


def test_the_shipped_weights_need_what_inference_gives() -> None:
    needs = read_needs(ROOT / "models/model.pt")
    assert needs.pop("trained_range")  # tests/transforms/test_trained_range.py
    inference = yaml.safe_load((ROOT / "configs/inference.yaml").read_text())
    settings = {**inference, **inference["displayable_configs"]}
    assert needs.keys() == {"spacing", "channels", "cluster_activation", "threshold"}
    assert needs == {key: settings[key] for key in needs}
