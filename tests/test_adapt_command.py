"""The adaptation and the training on synthetic labels as their recipes run them, on tiny data."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from monai.bundle import run

import scripts.datasets.head_crop_dataset as head_crop_dataset
from scripts.datasets.random_scanner import RandomScanner
from scripts.io.user_error import UserError
from scripts.io.weights_needs import write_needs
from scripts.networks.vessel_unet import VesselSegmenter
from scripts.simulation import heads
from scripts.simulation.arterial_tree import grow_arterial_tree
from scripts.vessels.swc import VesselTree
from tests.killed_runs import ROOT, TINY
from tests.small_training import SMALL, train


@pytest.fixture
def small_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Heads of 6 cm."""

    def grow(seed, terminals, end_radius) -> VesselTree:
        whole = grow_arterial_tree(seed, terminals=20)
        return VesselTree(whole.points * 0.35, whole.radii, whole.parents)

    monkeypatch.setattr(heads, "grow_arterial_tree", grow)


@pytest.fixture
def start(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = VesselSegmenter(TINY["channels"], vessel_prior=0.02, cluster_activation="softmax")
    torch.save(network.state_dict(), tmp_path / "start.pt")
    return tmp_path / "start.pt"


def test_adaptation_is_one_command(dataset: Path, small_heads, start: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    write_needs(start, {"spacing": 1.0})
    settings = {**SMALL, "dataset_dir": str(dataset), "output_dir": str(tmp_path / "run"), "pretrained": str(start)}
    numbers = {"epochs": 1, "heads": 3, "mask_scans": 1, "guard_crops": 1, "guard_scans": 1, "guard_size": 32}
    run(args_file="configs/recipes/adapt.yaml", spacing=1.0, **numbers, **settings)
    adapted = torch.load(tmp_path / "run/adapted/model.pt", weights_only=True)
    VesselSegmenter(TINY["channels"]).load_state_dict(adapted)
    kept = (tmp_path / "run/adapted/guard.md").read_text()
    first = torch.load(start, weights_only=True)
    unchanged = all(torch.equal(value, first[key]) for key, value in adapted.items())
    assert unchanged == kept.startswith("The start is kept")


def test_training_on_synthetic_labels(
    dataset: Path, small_heads, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanners = []
    monkeypatch.setattr(
        head_crop_dataset, "RandomScanner", lambda rng, *ranges: scanners.append(ranges) or RandomScanner(rng, *ranges)
    )
    heads.write_heads(str(tmp_path / "heads"), count=2, mni_share=0.0, spacing=1.0)
    overlays = ("synthetic_vessels", "cpu", "synthetic")
    places = {"heads_dir": str(tmp_path / "heads"), "pretrained": str(start)}
    ranges = {"noise": [0.1, 0.2], "point_spread": [0.3, 0.4], "low_resolution": 0.5}
    train("train", dataset, tmp_path, overlays, epochs=1, spacing=1.0, **ranges, **places)
    assert scanners and all(given == tuple(ranges.values()) for given in scanners)
    weights = torch.load(tmp_path / "synthetic" / "model.pt", weights_only=True)
    first = torch.load(start, weights_only=True)
    means = [key for key in first if key.endswith("running_mean")]
    assert means and all(torch.equal(weights[key], first[key]) for key in means)  # frozen
    assert any(not torch.equal(weights[key], first[key]) for key in first)


def test_no_heads_are_named(dataset: Path, start: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"configs/heads\.yaml makes them"):
        overlays = ("synthetic_vessels", "cpu", "synthetic")
        train("train", dataset, tmp_path, overlays, heads_dir=str(tmp_path / "none"), pretrained=str(start))
