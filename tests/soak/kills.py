"""`kill -9` at random moments of all stages and of inference, again and again until they end: `make soak`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch

from tests.bright_network import BrightNetwork
from tests.faulty_scans import nifti
from tests.killed_runs import TINY, command, configs, same_training, train
from tests.run_inference import SMALL, summary
from tests.tiny_dataset import tiny_dataset

ROUNDS = int(os.environ.get("SOAK_ROUNDS", 3))


def until_it_ends(run: Any, rng: np.random.Generator, seconds: float) -> int:
    """Run a command of so many seconds, killed at random moments or files, until it ends; how often it was killed."""
    kills = 0
    while kills < 8:
        moment: dict[str, Any] = {"seconds": float(rng.uniform(0.1, 1) * seconds)}
        if rng.random() < 0.5:
            moment = {"renamed": int(rng.integers(1, 9)), "before": bool(rng.random() < 0.5)}
        if run(**moment):
            return kills
        kills += 1
    assert run()
    return kills


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, float]:
    dataset = tiny_dataset(tmp_path_factory.mktemp("dataset"))
    output_dir = tmp_path_factory.mktemp("whole")
    start = time.monotonic()
    assert train("train", dataset, output_dir, {"pretrain_epochs": 2})
    seconds = time.monotonic() - start
    assert train("refine", dataset, output_dir, {})
    return dataset, output_dir, seconds


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_stages(whole: tuple[Path, Path, float], tmp_path: Path, seed: int) -> None:
    dataset, expected, seconds = whole
    rng = np.random.default_rng(seed)
    arguments = {"num_workers": int(rng.integers(3)), "checkpoint_interval": int(rng.integers(1, 4))}
    kills = until_it_ends(
        lambda **kill: train("train", dataset, tmp_path, {"pretrain_epochs": 2, **arguments}, **kill), rng, seconds
    )
    kills += until_it_ends(lambda **kill: train("refine", dataset, tmp_path, arguments, **kill), rng, seconds / 2)
    print(f"stages, seed {seed}: killed {kills} times")
    for stage in ("pretrain", "train", "refine"):
        assert same_training(expected / stage, tmp_path / stage), stage
        assert not list((tmp_path / stage).glob(".part_*")), stage


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_inference(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scans, out = tmp_path / "scans", tmp_path / "out"
    scans.mkdir()
    names = [f"{number:02d}" for number in range(12)]
    for name in names:
        nifti(scans / f"{name}.nii.gz")
    torch.save(BrightNetwork().state_dict(), tmp_path / "model.pt")
    arguments = {key: value for key, value in {**TINY, **SMALL}.items() if key != "channels"}
    arguments |= {"dataset_dir": str(scans), "output_dir": str(out), "ckpt": str(tmp_path / "model.pt")}
    start = time.monotonic()
    assert command(configs("inference"), {**arguments, "output_dir": str(tmp_path / "whole")})
    seconds = time.monotonic() - start
    kills = until_it_ends(lambda **kill: command(configs("inference"), arguments, **kill), rng, seconds)
    print(f"inference, seed {seed}: killed {kills} times")
    assert {name: row["status"] for name, row in summary(out).items()} == dict.fromkeys(names, "done")
    masks = [np.asarray(nib.load(out / f"{name}_vessels.nii.gz").dataobj) for name in names]
    assert all((mask == masks[0]).all() for mask in masks) and masks[0].any()
    assert not list(out.glob(".part_*"))
