"""Configs that cannot share a file must share their values: what is scored is what inference gives, and so on."""

from __future__ import annotations

import pytest
from monai.bundle import ConfigParser

from tests.killed_runs import configs

NETWORK = ["channels", "window", "overlap", "windows_at_once", "threshold", "network_def", "network", "inferer"]
COMPUTING = ["precision", "runtime", "probability_dtype", "half_maximum"]
SCANS = ["spacing", "brain_mask", "min_component", "preprocessing"]


def read(name: str) -> dict:
    """A config with what it lies over; numbers that refer to what MONAI Label displays have their values."""
    config = ConfigParser.load_config_files(configs(name))
    config.get("preprocessing", {}).pop("keep_scan", None)  # for pictures, which are not scored
    return {**config, **config.get("displayable_configs", {})}


@pytest.mark.parametrize("key", [*NETWORK, *COMPUTING, *SCANS, "postprocessing"])
def test_evaluation_is_inference(key: str) -> None:
    assert read("evaluate")[key] == read("inference")[key]


@pytest.mark.parametrize("key", SCANS)
def test_classical_filters_are_on_the_same_terms(key: str) -> None:
    inference = read("inference")
    inference["preprocessing"].pop("trained_range")  # of weights, which filters have none of
    assert read("classical")[key] == inference[key]


def test_classical_filters_are_postprocessed_alike() -> None:
    classical = read("classical")
    inference = read("inference")["postprocessing"]["transforms"]
    steps = [*classical["own_grid"], *classical["postprocessing"]["transforms"][1:]]
    assert classical["validate"]["best_threshold"]["clean"] == "@small_components"
    steps[steps.index("@small_components")] = classical["small_components"]
    *before, probability, half_maximum, threshold, cast, small_components = inference
    # what a filter gives is no probability, whose steps are known
    assert probability == {"_target_": "scripts.transforms.vessel_probability.VesselProbabilityd"}
    as_filter = [
        {"_target_": "MaskIntensityd", "keys": "pred", "mask_key": "brain_mask"},
        {"_target_": "CopyItemsd", "keys": "pred", "names": "probability"},
    ]
    inference = [*before, *as_filter, threshold, cast, small_components]  # half_maximum is off unless asked for
    assert half_maximum["_disabled_"] == "$not @half_maximum" and not read("inference")["half_maximum"]
    of_filter = next(step for step in steps if step["_target_"] == "AsDiscreted")
    # 0.3 for the network, that of validation for a filter, whose response may be any number
    assert threshold.pop("threshold") == "@threshold" and "best_threshold" in of_filter.pop("threshold")
    assert threshold.pop("_target_").endswith("VesselThresholdd") and of_filter.pop("_target_")
    assert steps == inference


@pytest.mark.parametrize("key", ["channels", "cluster_activation", "window", "overlap", "network_def"])
def test_speed_is_that_of_inference(key: str) -> None:
    assert read("speed")[key] == read("inference")[key]


def test_adaptation_makes_its_masks_as_it_trains() -> None:
    adapt = ConfigParser.load_config_file(*configs("adapt"))
    (masks,) = [step for step in adapt["run"] if "own_masks" in str(step)]
    network = read("inference")["network_def"].keys() - {"_target_"}
    for key in {"spacing", "brain_mask", "window", "device", *network}:
        assert masks[key] == f"@{key}"


def test_shifts_are_scored_with_a_network_of_any_width() -> None:
    scoring, inference = read("score_shifts"), read("inference")
    *_, step = scoring["run"]
    for key in {"spacing", *inference["network_def"].keys() - {"_target_"}}:
        assert step[key] == f"@{key}" and scoring[key] == inference[key]


@pytest.mark.parametrize("key", ["reference_patches", "reference_scale"])
def test_reference_statistics_are_those_of_training(key: str) -> None:
    assert read("reference_statistics")[key] == read("train")[key]


def test_a_baseline_is_evaluated_as_the_network_that_was_trained() -> None:
    assert read("baseline")["network_def"] == read("supervised")["network_def"]


def test_refine_repeats_what_the_baselines_are_trained_and_validated_with() -> None:
    supervised, refine = read("supervised"), read("refine")
    assert supervised["crops"] == refine["crops"]
    for key in ("inferer", "postprocessing", "key_metric"):
        assert supervised["validate"][key] == refine["validate"][key]


OF_A_STAGE = {"imports", "ema", "stage", "stage_dir", "pretrained", "epochs", "network_def", "train", "validate", "run"}
OF_ITS_TRAINING = {"samples", "loss", "handlers", "trainer", "optimizer"}
OF_ITS_HANDLERS = {"objects", "data", "best", "exec_at_start", "_disabled_"}


def shared(first: dict, second: dict, but: set[str]) -> set[str]:
    """The keys that two blocks have in common and whose values must be the same."""
    return (first.keys() & second.keys()) - but


def test_refine_repeats_the_settings_of_train() -> None:
    first, second = read("train"), read("refine")
    same = shared(first, second, OF_A_STAGE)
    assert {"spacing", "learning_rate", "seed", "amp", "augment", "network", "validated"} <= same
    assert {key: first[key] for key in same} == {key: second[key] for key in same}
    same = shared(first["train"], second["train"], OF_ITS_TRAINING)
    assert {"preprocessing", "dataset", "sampler", "dataloader"} <= same
    assert {key: first["train"][key] for key in same} == {key: second["train"][key] for key in same}
    optimizers = [block["train"]["optimizer"] for block in (first, second)]
    assert [optimizer.pop("lr").endswith("@learning_rate") for optimizer in optimizers] == [True, True]
    assert optimizers[0] == optimizers[1]


@pytest.mark.parametrize("block", ["train", "validate"])
def test_handlers_of_train_and_refine_agree(block: str) -> None:
    first, second = (
        {handler["_target_"].split(".")[-1]: handler for handler in read(stage)[block]["handlers"]}
        for stage in ("train", "refine")
    )
    targets = first.keys() & second.keys()
    assert len(targets) >= 2
    for target in targets:
        same = shared(first[target], second[target], OF_ITS_HANDLERS | {"_target_"})
        assert {key: first[target][key] for key in same} == {key: second[target][key] for key in same}


def test_train_and_refine_validate_alike() -> None:
    first, second = read("train")["validate"], read("refine")["validate"]
    first.pop("handlers"), second.pop("handlers")  # see above
    assert first == second


def test_train_and_refine_train_one_network() -> None:
    average = {**read("train")["ema_def"], "checkpointing": "@checkpointing"}  # which has no backward pass
    assert average == read("refine")["network_def"]
