"""Commands of the bundle in processes of their own, which can be killed as `kill -9` does, and told where."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from contextlib import suppress
from multiprocessing.process import BaseProcess
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
TRAINING = {
    **TINY,
    "crop_size": 32,
    "iterations_per_epoch": 2,
    "epochs": 2,
    "checkpoint_interval": 1,
    "amp": False,  # so that every processor finds the same epochs best and writes as many files
}


def run_command(config_file: list[str], arguments: dict[str, Any], renamed: int | None, before: bool) -> None:
    """Run a command in this process; kill it before or after it has renamed a file so many times."""
    import torch

    from scripts.checks.command_line import run_checked

    os.setsid()  # a process group of its own, which a terminal's Ctrl-C would reach as a whole
    multiprocessing.set_start_method("fork", force=True)  # of loader workers, as on Linux from the command line
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
    raise SystemExit(run_checked({"config_file": config_file, **arguments}))


def command(
    config_file: list[str],
    arguments: dict[str, Any],
    renamed: int | None = None,
    before: bool = False,
    seconds: float | None = None,
) -> bool:
    """Whether a command ended by itself; it may be killed at a file that it renames, or after so many seconds."""
    process = start(config_file, arguments, renamed, before)
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
    assert process.exitcode in (0, -signal.SIGKILL), "the command failed"
    return process.exitcode == 0


def start(
    config_file: list[str], arguments: dict[str, Any], renamed: int | None = None, before: bool = False
) -> BaseProcess:
    """Start a command in a process of its own, forked from a server that has imported what takes long."""
    process = preloaded().Process(target=run_command, args=(config_file, arguments, renamed, before))
    process.start()
    return process


def preloaded() -> Any:
    """Processes forked from a server that has imported what takes long and has run nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["monai.bundle", "monai.handlers", "ignite.handlers", "scripts.results.case_writer"])
    return context


def group_is_empty(process: BaseProcess) -> bool:
    """Whether a process and all that it started are gone, but for the dead that no one has buried (on Linux)."""
    process.join(0)
    living = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            state, _, group = file.read_text().rpartition(")")[2].split()[:3]
            living += int(group) == process.pid and state != "Z"
    return living == 0


def configs(*names: str) -> list[str]:
    """Paths of a config and its overlays, in the order in which they are laid over each other."""
    first, *overlays = names
    if first == "pretrain":  # it takes its epochs from what lies below
        names = ("train", *overlays, first)
    elif first in ("supervised", "evaluate"):
        names = ("inference" if first == "evaluate" else "train", *names)
    return [str(ROOT / "configs" / f"{name}.yaml") for name in names]


def train(
    stage: str, dataset: Path, output_dir: Path, arguments: dict[str, Any], overlays: tuple[str, ...] = (), **kill: Any
) -> bool:
    """Run a stage, which may be killed; see `command`."""
    return command(configs(stage, *overlays, "cpu"), settings_of(dataset, output_dir, arguments), **kill)


def settings_of(dataset: Path, output_dir: Path, arguments: dict[str, Any]) -> dict[str, Any]:
    return {**TRAINING, "dataset_dir": str(dataset), "output_dir": str(output_dir), **arguments}


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
