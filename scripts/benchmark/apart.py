"""Time and memory of a function, in a process of its own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

MIB = 2**20


@dataclass(frozen=True)
class Cost:
    """What a measured piece of work took.

    Attributes:
        seconds: by the clock.
        cpu_seconds: of all threads; other work on the machine hardly changes it.
        loaded: MiB resident when the work began, with its input loaded.
        peak: MiB resident at the worst moment of the work.
    """

    seconds: float
    cpu_seconds: float
    loaded: float
    peak: float

    @property
    def above(self) -> float:
        """MiB that the work took beyond what was loaded."""
        return self.peak - self.loaded


class Meter:
    """Context that measures the work done in it; `cost` holds the result afterwards. Linux only: it reads /proc."""

    cost: Cost

    def __enter__(self) -> Meter:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew: of this work, not of loading
        self.loaded = _status("VmRSS")
        self.clock, self.cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *exception: object) -> None:
        seconds, cpu = time.perf_counter() - self.clock, time.process_time() - self.cpu
        self.cost = Cost(seconds, cpu, self.loaded, _status("VmHWM"))


def measure_apart(work: Callable[..., Any], *args: Any) -> Any:
    """Result of `work(*args)` in a new process, so that no earlier measurement can influence this one.

    `work` prepares, measures with a `Meter`, and returns what can be pickled.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


def _status(key: str) -> float:
    """An entry of /proc/self/status, MiB; `ru_maxrss` would include the parent's memory at this one's start."""
    found = re.search(rf"^{key}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise OSError(f"/proc/self/status has no {key}; memory is measured on Linux only.")
    return int(found[1]) * 1024 / MIB
