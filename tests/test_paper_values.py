"""The stages' configs alone, without an overlay, have the paper's numbers, and so have the components' defaults."""

from __future__ import annotations

from inspect import signature
from pathlib import Path

import pytest
import yaml

from scripts.engines.reliability_trainer import ReliabilityTrainer
from scripts.engines.shape_guided_trainer import ShapeGuidedTrainer
from scripts.losses.patch_discrimination import PatchDiscriminationLoss
from scripts.losses.region_discrimination import RegionDiscriminationLoss
from scripts.networks.vessel_unet import VesselUNet

CONFIGS = Path(__file__).parent.parent / "configs"
EVERY_STAGE = {"iterations_per_epoch": 200, "crop_size": 96, "learning_rate": 0.001}
OF_A_STAGE = {
    "pretrain": {"epochs": 100, "crop_pairs": 3, "temperature": 0.1, "oriented": True},
    "train": {
        "epochs": 40,
        "pretrain_epochs": 100,
        "crop_pairs": 3,
        "temperature": 0.1,
        "oriented": True,
        "reference_masks_per_iteration": 24,
        "discriminator_lr_factor": 0.05,
        "consistency_slope": 4.0,
        "consistency_max": 10.0,
        "ema_period": "@iterations_per_epoch",
        "synthetic_trees": [0, 0],
    },
    "refine": {"epochs": 60, "crops": 12, "orientations": 8, "confidence_threshold": 0.9},
}
DEFAULTS = [
    (VesselUNet, {"embedding_dim": 16, "num_clusters": 8, "cluster_activation": "sigmoid", "vessel_prior": None}),
    (PatchDiscriminationLoss, {"temperature": 0.1}),
    (RegionDiscriminationLoss, {"temperature": 0.2}),
    (ShapeGuidedTrainer, {"region_temperature": 0.2, "consistency_slope": 4.0, "consistency_max": 10.0}),
    (ReliabilityTrainer, {"confidence_threshold": 0.9}),
]


def read(stage: str) -> dict:
    return yaml.safe_load((CONFIGS / f"{stage}.yaml").read_text())


@pytest.mark.parametrize("stage", OF_A_STAGE)
def test_a_stage_has_the_papers_numbers(stage: str) -> None:
    config, expected = read(stage), {**EVERY_STAGE, **OF_A_STAGE[stage]}
    assert {key: config[key] for key in expected} == expected
    assert config["train"]["optimizer"]["_target_"] == "torch.optim.Adam"


def test_stage_2_weighs_its_terms_as_the_paper_does() -> None:
    weights = read("train")["loss_weights"]
    weights.pop("synthetic_vessels")  # of a term that synthetic_trees = [0, 0] leaves out
    assert weights == {"region_discrimination": 10.0, "entropy": 0.1, "adversarial": 1.0}  # the others weigh 1


@pytest.mark.parametrize(("component", "defaults"), DEFAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_defaults_are_the_papers(component: type, defaults: dict) -> None:
    parameters = signature(component).parameters
    assert {name: parameters[name].default for name in defaults} == defaults


@pytest.mark.parametrize("stage", OF_A_STAGE)
def test_every_number_of_a_stage_has_its_why(stage: str) -> None:
    block = (CONFIGS / f"{stage}.yaml").read_text().split("# ---- the numbers")[1].split("\n\n")[0]
    keys = [line for line in block.splitlines()[1:] if not line.startswith((" ", "#"))]
    assert len(keys) > 15
    assert [line for line in keys if " # " not in line and not line.startswith("world_size")] == []
