"""Commands of the bundle in processes of their own, which can be killed as `kill -9` does, and told where."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parent.parent
TINY = {
    "bundle_root": str(ROOT),
    "logging_file": False,
    "brain_mask": "none",
    "channels": [2, 2, 4, 4, 4],
    "window": [32, 32, 32],
    "num_workers": 0,
}
TRAINING = {**TINY, "crop_size": 32, "iterations_per_epoch": 3, "epochs": 2, "checkpoint_interval": 2}


def run_command(config_file: list[str], arguments: dict[str, Any], renamed: int | None, before: bool) -> None:
    """Run a command in this process; kill it before or after it has renamed a file so many times."""
    import torch
    from monai.bundle import run

    torch.set_num_threads(1)
    if renamed is not None:
        left, replace = [renamed], os.replace

        def replace_and_die(*names: Any) -> None:
            left[0] -= 1
            if before and left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            replace(*names)
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        os.replace = replace_and_die
    run(config_file=config_file, **arguments)


def command(
    config_file: list[str],
    arguments: dict[str, Any],
    renamed: int | None = None,
    before: bool = False,
    seconds: float | None = None,
) -> bool:
    """Whether a command ended by itself; it may be killed at a file that it renames, or after so many seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["monai.bundle", "monai.handlers", "ignite.handlers", "scripts.handlers.case_writer"]
    )
    process = context.Process(target=run_command, args=(config_file, arguments, renamed, before))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
    assert process.exitcode in (0, -signal.SIGKILL), "the command failed"
    return process.exitcode == 0


def configs(*names: str) -> list[str]:
    return [str(ROOT / "configs" / f"{name}.yaml") for name in names]


def train(stage: str, dataset: Path, output_dir: Path, arguments: dict[str, Any], **kill: Any) -> bool:
    """Run a stage, which may be killed; see `command`."""
    settings = {**TRAINING, "dataset_dir": str(dataset), "output_dir": str(output_dir), **arguments}
    if stage == "pretrain":
        del settings["window"]  # it has none
    return command(configs(stage, "cpu"), settings, **kill)


def same_training(one: Path, other: Path) -> bool:
    """Whether two folders of a stage hold the same weights, bit for bit, and the same checkpoint."""
    files = [
        [torch.load(folder / name, weights_only=True) for folder in (one, other)]
        for name in ("model.pt", "checkpoint.pt")
    ]
    return all(equal(*pair) for pair in files)


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other


def wait_until(condition: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)
