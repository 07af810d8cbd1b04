"""The recipes of the paper's stages, merged as MONAI merges them, have the paper's values, one by one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import torch
from monai.bundle import ConfigParser

ROOT = Path(__file__).parent.parent
NETWORK = {"embedding_dim": 16, "num_clusters": 8, "head_channels": 16, "oriented": True}
EVERY_STAGE = {
    **NETWORK,
    "cluster_activation": "sigmoid",
    "spacing": 0.4,
    "crop_size": 96,
    "iterations_per_epoch": 200,
    "learning_rate": 0.001,
    "linear_lr_decay": False,
}
OF_A_STAGE = {
    "pretrain": {"epochs": 100, "crop_pairs": 3, "temperature": 0.1, "vessel_prior": None},
    "train": {
        "epochs": 40,
        "pretrain_epochs": 100,
        "crop_pairs": 3,
        "temperature": 0.1,
        "region_temperature": 0.2,
        "vessel_prior": None,
        "reference_masks_per_iteration": 24,
        "reference_limit": None,
        "reference_soft_edge": 0,
        "reference_intensity": [1.0, 1.0],
        "discriminator_lr_factor": 0.05,
        "consistency_slope": 4.0,
        "consistency_max": 10.0,
        "ema_period": 200,
        "synthetic_trees": [0, 0],
        "loss_weights": {"region_discrimination": 10.0, "entropy": 0.1, "adversarial": 1.0},  # the others weigh 1
    },
    "refine": {
        "epochs": 60,
        "crops": 12,
        "orientations": 8,
        "confidence_threshold": 0.9,
        "refinement_lr_factor": 1.0,
        "frozen_statistics": False,
        "ema_period": 200,
    },
}
WIRED = [  # an argument of an object of a stage, and its value
    ("train", "train#samples#references#count", 24),
    ("train", "train#samples#references#crop_and_overlap#size", 96),
    ("train", "train#samples#references#crop_and_overlap#soft_edge", 0),
    ("train", "train#samples#references#crop_and_overlap#intensity", [1.0, 1.0]),
    ("train", "train#samples#synthetic_vessels", None),
    ("train", "train#loss#temperature", 0.1),
    ("train", "train#trainer#region_temperature", 0.2),
    ("train", "train#trainer#consistency_slope", 4.0),
    ("train", "train#trainer#consistency_max", 10.0),
    ("train", "train#discriminator_optimizer#lr", 0.00005),
    ("train", "ema#schedule#period", 200),
    ("pretrain", "train#loss#temperature", 0.1),
    ("refine", "train#samples#orientations", 8),
    ("refine", "train#trainer#confidence_threshold", 0.9),
    ("refine", "ema#schedule#period", 200),
    *((stage, "train#optimizer#lr", 0.001) for stage in OF_A_STAGE),
    *((stage, "train#preprocessing#spacing", 0.4) for stage in OF_A_STAGE),
    *((stage, "train#samples#crop_size", 96) for stage in OF_A_STAGE),
    *((stage, "train#trainer#epoch_length", 200) for stage in OF_A_STAGE),
    *((stage, f"network_def#{key}", value) for stage in OF_A_STAGE for key, value in NETWORK.items()),
    *((stage, "network_def#cluster_activation", "sigmoid") for stage in OF_A_STAGE),
]


@cache
def merged(stage: str) -> ConfigParser:
    """What `--args_file configs/recipes/paper_<stage>.yaml` runs."""
    recipe = ConfigParser.load_config_file(str(ROOT / f"configs/recipes/paper_{stage}.yaml"))
    parser = ConfigParser()
    parser.read_config([str(ROOT / file) for file in recipe.pop("config_file")])
    parser.update(recipe)
    parser.parse()
    return parser


def value(stage: str, key: str) -> object:
    """A key's value; that of a component's argument is what the component would be made with."""
    return merged(stage).get_parsed_content(key)


@pytest.mark.parametrize("stage", OF_A_STAGE)
def test_a_recipe_has_the_papers_settings(stage: str) -> None:
    expected = {**EVERY_STAGE, **OF_A_STAGE[stage]}
    assert {key: value(stage, key) for key in expected} == expected
    assert value(stage, "iterations_per_epoch") * value(stage, "epochs") == 200 * OF_A_STAGE[stage]["epochs"]
    assert merged(stage).get("train#optimizer#_target_") == "torch.optim.Adam"


@pytest.mark.parametrize(("stage", "key", "expected"), WIRED)
def test_the_papers_values_reach_what_computes(stage: str, key: str, expected: object) -> None:
    wired = value(stage, key)
    assert wired == (pytest.approx(expected) if isinstance(expected, float) else expected)


def test_references_are_overlapped() -> None:
    least, greatest = value("train", "train#samples#references#crop_and_overlap#patches")
    assert 1 <= least < greatest


def test_embeddings_have_the_rank_that_k_says() -> None:
    network = value("train", "network_def")
    last = network.embedding_head[-1].weight.flatten(1)  # (K, width)
    assert torch.linalg.matrix_rank(last) == last.shape[0] == 16


def test_stage_1_is_made_with_the_settings_of_stage_2() -> None:
    overrides = next(item["overrides"] for item in merged("train").get("run") if "overrides" in item)
    network = {*NETWORK, "cluster_activation", "vessel_prior", "checkpointing"}
    for key in network | {"spacing", "crop_size", "crop_pairs", "temperature"}:
        assert overrides[key] == f"@{key}"


@pytest.mark.parametrize("stage", ["train", "refine"])
def test_every_number_of_a_stage_has_its_why(stage: str) -> None:
    block = (ROOT / f"configs/{stage}.yaml").read_text().split("# ---- the numbers")[1].split("\n\n")[0]
    keys = [line for line in block.splitlines()[1:] if not line.startswith((" ", "#"))]
    assert len(keys) > 15
    assert [line for line in keys if " # " not in line and not line.startswith(("world_size", "on_gpu"))] == []
