"""Every option of every command has a type, which its default is of and which senseless values are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from monai.bundle.config_item import ConfigComponent

from scripts.checks import option_types
from scripts.checks.option_types import is_expression
from scripts.checks.options import OPTIONS
from scripts.checks.overrides import read_option
from scripts.io.user_error import UserError

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
SECTIONS = {"train", "validate", "handlers", "imports", "initialize", "run", "finalize", "displayable_configs"}
OBJECTS = {
    "network",
    "network_def",
    "discriminator",
    "best",
    "own_grid",
    "workflow",
    "ema",
    "needs",
    "validated",
    "on_gpu",
}  # which the config computes


def settings_of(config: dict[str, Any]) -> dict[str, Any]:
    """The options of a config with their defaults."""
    return {
        key: value
        for key, value in {**config, **config.get("displayable_configs", {})}.items()
        if key not in SECTIONS | OBJECTS
        and "#" not in key
        and not key.startswith("+")
        and not ConfigComponent.is_instantiable(value)
    }


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_option_has_a_type_and_its_default_is_of_it(path: Path) -> None:
    for key, value in settings_of(yaml.safe_load(path.read_text())).items():
        assert key in OPTIONS, f"{key} of {path.name} has no type in scripts/checks/options.py"
        assert read_option(key, key, value) == value


def test_no_type_is_left_of_an_option_that_is_gone() -> None:
    assert OPTIONS.keys() <= {key for path in CONFIGS for key in settings_of(yaml.safe_load(path.read_text()))}


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("threshold", 40, "a number greater than 0, at most 1"),
        ("threshold", (0, 5), "a number"),  # as the command line reads 0,5
        ("threshold", "0.5x", "a number"),
        ("threshold", True, "a number"),
        ("threshold", float("nan"), "a number"),
        ("spacing", 0, "a number of mm from 0.05 to 10"),
        ("spacing", -0.6, "a number of mm"),
        ("spacing", [0.6, 0.6, 0.8], "a number of mm"),
        ("min_component", -1, "a number of mm3 from 0"),
        ("window", 100, "a list of 3 numbers"),
        ("window", [100, 96, 96], "a list of 3 numbers"),
        ("window", [96, 96], "a list of 3"),
        ("channels", [8, 16, 32], "a list of 5 numbers"),
        ("crop_size", 50, "a multiple of 16, 32 or more"),
        ("guard_size", 16, "a multiple of 16, 32 or more"),
        ("replayed", 0, "a whole number, 1 or more"),
        ("synthetic_margin", 2.5, "a whole number"),
        ("orientations", 49, "a whole number from 1 to 48"),
        ("epochs", 0, "a whole number, 1 or more"),
        ("epochs", 1.5, "a whole number"),
        ("num_workers", float("inf"), "a whole number"),
        ("overlap", 1, "a number from 0 to"),
        ("brain_mask", "NONE", "one of auto, none"),
        ("brain_mask", None, "one of auto, none"),
        ("brain_mask", ["auto"], "one of auto, none"),  # as the command line reads [auto]
        ("brain_mask", "m.nii.gz", "one of auto, none (a mask of your own lies beside its scan, as <scan>_brain_mask"),
        ("report_names", "no", "true or false"),
        ("report_names", 0, "true or false"),
        ("graph", None, "true or false"),
        ("output_dir", "", "the name of a file or folder"),
        ("dataset_dir", None, "the name of a file or folder"),
        ("loss_weights", {"entropy": "x"}, "a dictionary"),
        ("reference_limit", 0, "a whole number, 1 or more, or None"),
        ("shard", 3, "i/N, the i-th of N shares"),
        ("shard", "11/10", "i/N, the i-th of N shares"),
        ("split", "tset", "one of training, validation, test"),
        ("device", "gpu", "a device such as cpu"),
        ("device", "meta", "cpu, since this PyTorch cannot compute on meta here"),
        ("device", "xla", "cpu, since this PyTorch cannot compute on xla here"),
    ],
)
def test_senseless_values_are_refused_in_one_sentence(option: str, value: Any, words: str) -> None:
    with pytest.raises(UserError) as error:
        read_option(option, option, value)
    assert str(error.value).startswith(f"--{option} must be {words}")
    assert f"not {value!r}. Nothing has been run." in str(error.value) and "\n" not in str(error.value)


def test_a_gpu_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="there is no GPU that this PyTorch can use here"):
        read_option("device", "device", "cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert read_option("device", "device", "cuda:0") == "cuda:0"
    with pytest.raises(UserError, match=r"there is 1 GPU\(s\) here"):
        read_option("device", "device", "cuda:1")


def test_a_runtime_that_is_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(option_types, "find_spec", lambda name: object())
    assert read_option("runtime", "runtime", "openvino") == "openvino"
    monkeypatch.setattr(option_types, "find_spec", lambda name: None)
    assert read_option("runtime", "runtime", "auto") == "auto"
    with pytest.raises(UserError, match=r"auto or torch, since OpenVINO is not installed .* Nothing has been run"):
        read_option("runtime", "runtime", "openvino")


def test_expressions_are_left_to_monai(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("$1 / 2", "@overlap", "%/other.yaml#threshold", "$HOMELESS/x"):
        assert is_expression(value) and read_option("threshold", "threshold", value) == value
    monkeypatch.setenv("HOME", "/home/me")
    assert not is_expression("$HOME/x")
