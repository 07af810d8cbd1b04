"""Commands of the bundle in a process that notes every use of the network and every change outside one folder."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.killed_runs import preloaded

NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind")
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def guard(allowed: tuple[Path, ...], notes: Path) -> None:
    """From now on forbid the network and changes outside `allowed`; what was tried stands in the file `notes`."""

    def forbid(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[0], (str, bytes)) and arguments[2] & WRITING
        if writes or event in CHANGES:
            place = Path(os.path.abspath(os.fsdecode(arguments[0])))
            inside = any(folder == place or folder in place.parents for folder in (*allowed, Path("/dev"), notes))
            of_workers = any(part.startswith("pymp-") for part in place.parts)  # multiprocessing's own sockets
            forbidden = not inside and not of_workers
        else:
            sockets = [item for item in arguments if isinstance(item, socket.socket)]
            local = bool(sockets) and sockets[0].family == socket.AF_UNIX  # loader workers hand tensors over by them
            forbidden = event in NETWORK and not local
        if forbidden:
            with open(notes, "a") as stream:
                stream.write(f"{event} {arguments}\n")
            raise PermissionError(event, arguments)

    sys.dont_write_bytecode = True
    sys.addaudithook(forbid)


def _run(config_file: list[str], arguments: dict[str, Any], sandbox: Path, temporary: Path) -> None:
    import torch
    from monai.bundle import run

    from scripts.checks.workflow import CheckedWorkflow

    multiprocessing.set_start_method("fork", force=True)
    torch.set_num_threads(1)
    os.chdir(sandbox / "cwd")
    os.environ |= {"HOME": str(sandbox / "home"), "TMPDIR": str(temporary)}
    os.environ.pop("TORCHINDUCTOR_CACHE_DIR", None)  # torch sets it where an earlier test of this process compiled
    tempfile.tempdir = None
    guard((Path(arguments["output_dir"]), temporary), sandbox / "notes")
    run(config_file=config_file, workflow_name=CheckedWorkflow, **arguments)


def guarded(config_file: list[str], arguments: dict[str, Any], sandbox: Path) -> list[str]:
    """Run a command and return what it must not have done: network, or changes outside its `output_dir`.

    The guard does not see what libraries in C write by themselves; `sandbox` is compared before and after for that. The
    folder for temporary files may be used but must be left empty. Its path is short: that of a socket, by which loader
    workers hand tensors over, has at most 107 characters, and a worker that cannot make one keeps the run waiting.
    """
    for name in ("cwd", "home"):
        (sandbox / name).mkdir()
    temporary = Path(tempfile.mkdtemp(dir="/tmp"))
    output_dir = Path(arguments["output_dir"])
    before = _files(sandbox, output_dir)
    process = preloaded().Process(target=_run, args=(config_file, arguments, sandbox, temporary))
    process.start()
    process.join(300)
    process.kill()
    notes = sandbox / "notes"
    tried = notes.read_text().splitlines() if notes.exists() else []
    notes.unlink(missing_ok=True)
    changed = before ^ (_files(sandbox, output_dir) | _files(temporary, output_dir))
    shutil.rmtree(temporary)
    assert process.exitcode == 0 or tried or changed, "the command failed"
    return [*tried, *(str(path) for path, _ in changed)]


def _files(folder: Path, but: Path) -> set[tuple[Path, int]]:
    files = (path for path in folder.rglob("*") if path.is_file() and but not in path.parents)
    return {(path, path.stat().st_mtime_ns) for path in files}
