import os

import numpy as np
import pytest

from scripts.benchmark.apart import Cost, Meter, measure_apart

MIB = 2**20


def work(loaded: int, taken: int) -> tuple[int, Cost]:
    kept = np.ones(loaded * MIB, dtype=np.uint8)
    np.ones(2 * taken * MIB, dtype=np.uint8)  # while loading: it is given back and does not count
    with Meter() as meter:
        np.ones(taken * MIB, dtype=np.uint8)
        sum(range(2_000_000))
    return os.getpid() + 0 * int(kept[0]), meter.cost


def fail() -> None:
    raise ValueError("no")


def test_counts_the_peak_of_the_work_alone():
    ballast = np.ones(400 * MIB, dtype=np.uint8)  # of this process
    process, cost = measure_apart(work, 100, 200)
    assert process != os.getpid()
    assert cost.loaded < ballast.size / MIB
    assert cost.peak == pytest.approx(cost.loaded + 200, abs=20)
    assert cost.above == cost.peak - cost.loaded
    assert 0 < cost.cpu_seconds <= cost.seconds + 0.1


def test_errors_come_back():
    with pytest.raises(ValueError, match="no"):
        measure_apart(fail)
