"""`python -m monai.bundle run ...` as a user types it, forked from a process that has imported what takes long."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.killed_runs import preloaded


def monai_command(*words: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Exit status and output of a command in a folder; what it gives is what `python -m monai.bundle run` gives."""
    (done,) = _commands([str(word) for word in words], cwd, [environment])
    return done


def torchrun(processes: int, *words: object, cwd: Path) -> list[subprocess.CompletedProcess[str]]:
    """The same command in several processes, with the variables of `torchrun --standalone`; one result for each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": processes, "LOCAL_WORLD_SIZE": processes, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    ranks = [{"RANK": rank, "LOCAL_RANK": rank, **shared} for rank in range(processes)]
    return _commands([str(word) for word in words], cwd, [{k: str(v) for k, v in rank.items()} for rank in ranks])


def _commands(
    words: list[str], cwd: Path, environments: list[dict[str, str]]
) -> list[subprocess.CompletedProcess[str]]:
    with tempfile.TemporaryDirectory() as folder:
        started = []
        for number, environment in enumerate(environments):
            output = [str(Path(folder) / f"{number}_{stream}") for stream in ("out", "err")]
            arguments = (words, str(cwd), {**os.environ, **environment}, *output)
            process = preloaded().Process(target=_run, args=arguments)
            process.start()
            started.append((process, output))
        for process, _ in started:
            process.join(300)
            process.kill()
        return [
            subprocess.CompletedProcess(words, process.exitcode or 0, *(Path(file).read_text() for file in output))
            for process, output in started
        ]


def _run(words: list[str], cwd: str, environment: dict[str, str], out: str, err: str) -> None:
    for number, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    multiprocessing.set_start_method("fork", force=True)  # of loader workers, as on Linux from the command line
    sys.argv = ["monai.bundle", "run", *words]
    runpy.run_module("monai.bundle", run_name="__main__", alter_sys=True)
