"""How much memory this process may still take, and whether a scan fits."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import torch

from .user_error import BadInput

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

NEEDED = 14  # bytes for each voxel of a scan, at least: 268 million took 4.4 GB above what the program takes
MORE = "close other programs, ask the cluster or the container for more, or resample the scan to larger voxels"
# files of a group of processes (cgroup), of version 2 and 1: its limit, what it uses
GROUP_FILES = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
FROM_DISK = ("inactive_file", "active_file")  # of what it uses, what is given back on demand
OUT_OF_MEMORY = ("allocate memory", "bad_alloc", "bad allocation", "out of memory")  # torch, ITK, OpenVINO


def check_memory(voxels: int) -> None:
    """Refuse a scan that cannot be segmented in the memory that is free.

    The system would end the process without a word, and with it all scans that follow.

    Raises:
        ValueError: that is so.
    """
    free, needed = free_memory(), voxels * NEEDED
    if free is not None and needed > free:
        raise BadInput(
            f"its {voxels / 1e6:.0f} million voxels need {needed / 1e9:.1f} GB of memory or more, and "
            f"{max(free, 0) / 1e9:.1f} GB are free: {MORE}."
        )


def out_of_memory(error: BaseException) -> str:
    """What to say of an error that was raised for want of memory; empty of any other."""
    if isinstance(error, torch.OutOfMemoryError):
        return "the GPU's memory ran out: give --windows_at_once 1 or --device cpu."
    known = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    if known or (isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY)):
        return f"memory ran out: {MORE}."
    return ""


def free_memory(root: str | Path = "/") -> int | None:
    """Bytes that the machine, the limits of this process and its groups leave; None where nothing tells (no Linux).

    Args:
        root: of the file system that holds `proc` and `sys`.
    """
    limits = [*_of_machine(Path(root) / "proc"), *_of_process(Path(root) / "proc"), *_of_groups(Path(root))]
    return min(limits) if limits else None


def _of_machine(proc: Path) -> Iterator[int]:
    entries = _entries(proc / "meminfo")  # kB
    if "MemAvailable:" in entries:
        yield (entries["MemAvailable:"] + entries.get("SwapFree:", 0)) * 1024


def _of_process(proc: Path) -> Iterator[int]:
    pages = _text(proc / "self/statm").split()[:1]
    limit = resource.getrlimit(resource.RLIMIT_AS)[0] if resource and pages else -1
    if limit >= 0:
        yield limit - int(pages[0]) * resource.getpagesize()


def _of_groups(root: Path) -> Iterator[int]:
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / ("memory" if controllers else "")
        group = top / path.lstrip("/")
        for folder in (group, *group.parents):
            for limit, used in GROUP_FILES:
                if (bound := _text(folder / limit).strip()).isdigit():
                    entries = _entries(folder / "memory.stat")
                    kept = sum(entries.get(f"total_{key}", entries.get(key, 0)) for key in FROM_DISK)
                    yield int(bound) - int(_text(folder / used) or 0) + kept
            if folder == top:
                break


def _entries(file: Path) -> dict[str, int]:
    words = [line.split() for line in _text(file).splitlines()]
    return {line[0]: int(line[1]) for line in words if len(line) > 1 and line[1].isdigit()}


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
