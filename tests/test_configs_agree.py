"""What is scored is what inference gives: configs that cannot share a file must share their values."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

CONFIGS = Path(__file__).parent.parent / "configs"
NETWORK = ["channels", "window", "overlap", "windows_at_once", "threshold", "network_def", "network", "inferer"]
SCANS = ["spacing", "brain_mask", "min_component", "preprocessing"]


def read(name: str) -> dict:
    return yaml.safe_load((CONFIGS / f"{name}.yaml").read_text())


@pytest.mark.parametrize("key", [*NETWORK, *SCANS, "postprocessing"])
def test_evaluation_is_inference(key: str) -> None:
    assert read("evaluate")[key] == read("inference")[key]


@pytest.mark.parametrize("key", SCANS)
def test_classical_filters_are_on_the_same_terms(key: str) -> None:
    assert read("classical")[key] == read("inference")[key]


def test_classical_filters_are_postprocessed_alike() -> None:
    classical = read("classical")
    inference = read("inference")["postprocessing"]["transforms"]
    steps = [*classical["own_grid"], *classical["postprocessing"]["transforms"][1:]]
    for step in [*steps, *inference]:
        step.pop("threshold", None)  # 0.5 for the network, that of validation for a filter
    assert steps == inference


@pytest.mark.parametrize("key", ["reference_patches", "reference_scale"])
def test_reference_statistics_are_those_of_training(key: str) -> None:
    assert read("reference_statistics")[key] == read("train")[key]


NUMBERS = ["channels", "iterations_per_epoch", "crops", "crop_size", "learning_rate", "seed", "spacing", "brain_mask"]


@pytest.mark.parametrize("key", [*NUMBERS, "amp", "window", "augment"])
def test_supervised_networks_are_trained_on_the_same_terms(key: str) -> None:
    assert read("supervised")[key] == read("refine")[key]


@pytest.mark.parametrize("key", ["inferer", "postprocessing", "key_metric"])
def test_supervised_networks_are_validated_alike(key: str) -> None:
    assert read("supervised")["validate"][key] == read("refine")["validate"][key]


def test_a_rival_is_evaluated_as_the_network_that_was_trained() -> None:
    assert read("rival")["network_def"] == read("supervised")["network_def"]
