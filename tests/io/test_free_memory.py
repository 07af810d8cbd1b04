"""What memory is free, read from a made-up /proc and /sys; and that a scan which needs more is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.io import free_memory as module
from scripts.io.free_memory import check_memory, free_memory

GIB = 2**30
MACHINE = {"proc/meminfo": "MemTotal: 9 kB\nMemAvailable: 4194304 kB\nSwapFree: 1048576 kB\n"}  # 4 + 1 GiB
STAT = f"anon 7\ninactive_file {GIB // 4}\nactive_file {GIB // 4}\nshmem {GIB}\n"


def machine(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def group(folder: str, limit: str, used: str, bound: int | str) -> dict[str, str]:
    base = f"sys/fs/cgroup/{folder}"
    return {f"{base}/{limit}": f"{bound}\n", f"{base}/{used}": f"{GIB}\n", f"{base}/memory.stat": STAT}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),  # no Linux
        (MACHINE, 5 * GIB),
        (MACHINE | {"proc/self/cgroup": "0::/a/b\n"} | group("a/b", "memory.max", "memory.current", "max"), 5 * GIB),
        (MACHINE | {"proc/self/cgroup": "0::/a/b\n"} | group("a", "memory.max", "memory.current", 2 * GIB), 1.5 * GIB),
        (MACHINE | {"proc/self/cgroup": "0::/\n"} | group("", "memory.max", "memory.current", 3 * GIB), 2.5 * GIB),
        (
            MACHINE
            | {"proc/self/cgroup": "5:cpu:/x\n3:memory:/job\n"}
            | group("memory/job", "memory.limit_in_bytes", "memory.usage_in_bytes", 2 * GIB),
            1.5 * GIB,
        ),
    ],
    ids=["nowhere", "machine", "no limit", "of the group above", "of a container", "version 1"],
)
def test_the_least_of_machine_and_groups_counts(tmp_path: Path, files: dict[str, str], expected: float | None) -> None:
    assert free_memory(machine(tmp_path, files)) == expected


def test_the_limit_of_the_process_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Limited:
        RLIMIT_AS = 9

        @staticmethod
        def getrlimit(which: int) -> tuple[int, int]:
            return 2 * GIB, -1

        @staticmethod
        def getpagesize() -> int:
            return 4096

    monkeypatch.setattr(module, "resource", Limited)
    assert free_memory(machine(tmp_path, MACHINE | {"proc/self/statm": f"{GIB // 4096} 5 5\n"})) == GIB


def test_a_scan_that_needs_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "free_memory", lambda: 1_600_000_000)
    with pytest.raises(
        ValueError, match=r"^its 268 million voxels need 3\.8 GB of memory or more, and 1\.6 GB are free"
    ):
        check_memory(1024 * 1024 * 256)
    check_memory(512 * 512 * 128)
    monkeypatch.setattr(module, "free_memory", lambda: None)
    check_memory(1024 * 1024 * 256)
