"""Commands that are killed and given again end as if nothing had happened; `make soak` kills at random moments."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import torch

from tests.killed_runs import configs, group_is_empty, same_training, settings_of, start, train, wait_until
from tests.tiny_dataset import tiny_dataset


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A data set and what an uninterrupted training on it leaves: stage 2, which runs stage 1 first, and stage 3."""
    dataset = tiny_dataset(tmp_path_factory.mktemp("dataset"))
    output_dir = tmp_path_factory.mktemp("whole")
    assert train("train", dataset, output_dir, {"pretrain_epochs": 2})
    assert train("refine", dataset, output_dir, {})
    return dataset, output_dir


def test_stages_1_and_2(whole: tuple[Path, Path], tmp_path: Path) -> None:
    dataset, expected = whole
    # stage 1 after its first validation, whose weights are no result yet: files are the checkpoints of iterations 0 and
    # 1, what the weights need, the weights, and the checkpoint of iteration 2, which does not come to be
    assert not train("train", dataset, tmp_path, {"pretrain_epochs": 2}, renamed=5, before=True)
    assert (tmp_path / "pretrain" / "model.pt").is_file()
    # stage 2
    assert not train("train", dataset, tmp_path, {"pretrain_epochs": 2}, renamed=10, before=False)
    assert (tmp_path / "train" / "checkpoint.pt").is_file()
    assert train("train", dataset, tmp_path, {"pretrain_epochs": 2})
    assert same_training(expected / "pretrain", tmp_path / "pretrain")
    assert same_training(expected / "train", tmp_path / "train")


def test_synthetic_vessels(whole: tuple[Path, Path], tmp_path: Path) -> None:
    dataset, trained = whole
    start = {"pretrained": str(trained / "pretrain" / "model.pt")}
    assert train("train", dataset, tmp_path / "whole", start, overlays=("synthetic_vessels",))
    assert not train(
        "train", dataset, tmp_path / "killed", start, overlays=("synthetic_vessels",), renamed=2, before=False
    )
    assert train("train", dataset, tmp_path / "killed", start, overlays=("synthetic_vessels",))
    assert same_training(tmp_path / "whole" / "synthetic_vessels", tmp_path / "killed" / "synthetic_vessels")


def test_stage_3(whole: tuple[Path, Path], tmp_path: Path) -> None:
    dataset, expected = whole
    start = {"pretrained": str(expected / "train" / "model.pt")}
    assert not train("refine", dataset, tmp_path, start, renamed=2, before=False)  # within the first epoch
    assert train("refine", dataset, tmp_path, {**start, "num_workers": 2})  # the draws are those of none
    assert same_training(expected / "refine", tmp_path / "refine")


@pytest.mark.parametrize(("number", "whole_group"), [(signal.SIGINT, True), (signal.SIGKILL, False)])
def test_no_loader_worker_outlives_its_training(tmp_path: Path, number: int, whole_group: bool) -> None:
    dataset = tiny_dataset(tmp_path / "dataset")
    arguments = {"num_workers": 2, "epochs": 100, "iterations_per_epoch": 100, "checkpoint_interval": 1}
    process = start(configs("pretrain", "cpu"), settings_of(dataset, tmp_path, arguments))
    checkpoint = tmp_path / "pretrain" / "checkpoint.pt"
    # both workers have drawn crops by then: as they start, torch's loader has not told them yet whose end to watch
    wait_until(lambda: checkpoint.is_file() and iteration_of(checkpoint) > 1)
    (os.killpg if whole_group else os.kill)(process.pid, number)
    wait_until(lambda: group_is_empty(process))
    process.join()
    if number == signal.SIGINT:
        assert process.exitcode == 130
        assert iteration_of(checkpoint) > 0


def iteration_of(checkpoint: Path) -> int:
    return torch.load(checkpoint, weights_only=True)["trainer"]["iteration"]
