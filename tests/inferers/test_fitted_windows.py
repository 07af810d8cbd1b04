from itertools import product
from math import ceil, prod

import pytest

from scripts.inferers.fitted_windows import LEAST, MOST, fitted_windows

SHAPES = [(417, 417, 118), (216, 277, 213), (246, 306, 136), (212, 212, 62), (700, 500, 400), (20, 7, 2), (96, 97, 300)]


def count(shape, window, step) -> int:
    """Windows that cover a scan."""
    return prod(ceil(max(length - side, 0) / s) + 1 for length, side, s in zip(shape, window, step))


@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("shape", SHAPES)
def test_sides_are_the_networks_and_within_the_bounds(shape, overlap):
    window, step = fitted_windows(shape, overlap)
    assert prod(window) <= MOST
    for length, side, s in zip(shape, window, step):
        assert side % 16 == 0 and s >= 1
        assert side >= LEAST or side >= length
        assert side < length + 16  # no more than a scan fills
        assert side >= length or side - s == LEAST - max(int(LEAST * (1 - overlap)), 1)  # overlap of windows of 96


@pytest.mark.parametrize("shape", SHAPES)
def test_no_other_sides_compute_fewer_voxels(shape):
    def cost(window):
        step = [max(side - 24, 1) for side in window]
        return count(shape, window, step) * prod(window)

    sides = [range(min(LEAST, ceil(n / 16) * 16), ceil(n / 16) * 16 + 1, 16) for n in shape]
    best = min(cost(window) for window in product(*sides) if prod(window) <= MOST)
    window, _ = fitted_windows(shape, 0.25)
    assert cost(window) == best
    assert cost(window) <= count(shape, (96, 96, 96), (72, 72, 72)) * 96**3


def test_a_scan_as_large_as_a_window_is_one_window():
    assert fitted_windows((128, 120, 113), 0.25)[0] == [128, 128, 128]


def test_of_equal_costs_the_smaller_window_is_taken():
    # 2 windows of 96 + 2 of 96 cover (168, 96, 96) as cheaply as one of 192
    assert fitted_windows((168, 96, 96), 0.25)[0] == [176, 96, 96]
    assert fitted_windows((192, 96, 96), 0.0)[0] == [96, 96, 96]
