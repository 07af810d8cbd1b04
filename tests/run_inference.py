"""Runs inference.yaml in this process, with a network that calls bright voxels vessels."""

from __future__ import annotations

import csv
from pathlib import Path

import torch
from monai.bundle import ConfigParser

from scripts.checks.workflow import CheckedWorkflow
from tests.bright_network import BrightNetwork

ROOT = Path(__file__).parent.parent
CONFIG = str(ROOT / "configs" / "inference.yaml")
SMALL = {"network_def": {"_target_": "tests.bright_network.BrightNetwork"}, "window": [32, 32, 32], "spacing": 0.6}


def run_inference(dataset_dir: Path, output_dir: Path, weights: Path, **settings) -> None:
    """Raises what the run raises; `weights` is a file that is written."""
    torch.save(BrightNetwork().state_dict(), weights)
    workflow = CheckedWorkflow(
        config_file=CONFIG,
        workflow_type="infer",
        bundle_root=str(ROOT),
        logging_file=False,
        dataset_dir=str(dataset_dir),
        output_dir=str(output_dir),
        ckpt=str(weights),
        **{**SMALL, **settings},
    )
    workflow.initialize()
    assert workflow.check_properties() == []
    workflow.run()


def inference_config(**overrides) -> ConfigParser:
    """inference.yaml, to be read item by item."""
    parser = ConfigParser()
    parser.read_config(CONFIG)
    parser.update({"bundle_root": str(ROOT), **overrides})
    return parser


def summary(output_dir: Path) -> dict[str, dict[str, str]]:
    """Rows of summary.csv by name."""
    with open(output_dir / "summary.csv", newline="", encoding="utf-8") as stream:
        return {row["name"]: row for row in csv.DictReader(stream)}
