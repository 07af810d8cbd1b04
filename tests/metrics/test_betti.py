import numpy as np
import pytest

from scripts.metrics.betti import betti_errors, betti_numbers


def empty() -> np.ndarray:
    return np.zeros((7, 7, 7), dtype=np.uint8)


def ball() -> np.ndarray:
    mask = empty()
    mask[2:5, 2:5, 2:5] = 1
    return mask


def ring() -> np.ndarray:
    mask = ball()
    mask[3, 3, :] = 0  # a hole right through
    return mask


def shell() -> np.ndarray:
    mask = ball()
    mask[3, 3, 3] = 0  # a cavity inside
    return mask


def eight() -> np.ndarray:
    mask = empty()
    mask[3, 1:6, 1] = mask[3, 1:6, 3] = mask[3, 1:6, 5] = 1
    mask[3, 1, 1:6] = mask[3, 5, 1:6] = 1
    return mask


def two_balls() -> np.ndarray:
    mask = empty()
    mask[0:2, 0:2, 0:2] = mask[4:6, 4:6, 4:6] = 1
    return mask


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (empty, (0, 0)),
        (ball, (1, 0)),
        (ring, (1, 1)),
        (shell, (1, 0)),  # a cavity is no loop
        (eight, (1, 2)),
        (two_balls, (2, 0)),
    ],
)
def test_hand_drawn_shapes(draw, expected) -> None:
    assert betti_numbers(mask=draw()) == expected


def test_corner_neighbours_are_connected() -> None:
    diagonal = empty()
    for i in range(7):
        diagonal[i, i, i] = 1
    assert betti_numbers(mask=diagonal) == (1, 0)


def test_tilted_ring_of_corner_neighbours() -> None:
    ring = empty()
    ring[3, 2, 3] = ring[3, 4, 3] = ring[3, 3, 2] = ring[3, 3, 4] = 1  # a diamond around (3, 3, 3)
    assert betti_numbers(mask=ring) == (1, 1)


def test_masks_that_touch_the_border() -> None:
    assert betti_numbers(mask=np.ones((4, 4, 4))) == (1, 0)
    frame = np.ones((1, 5, 5))
    frame[0, 1:4, 1:4] = 0
    assert betti_numbers(mask=frame) == (1, 1)


def test_every_symmetry_gives_the_same_numbers() -> None:
    mask = eight()
    for axes in [(0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]:
        assert betti_numbers(mask=mask.transpose(axes)[::-1]) == (1, 2)


def test_errors_are_absolute_differences() -> None:
    assert betti_errors(pred=two_balls(), label=ring()) == (1, 1)  # (2, 0) and (1, 1)
    assert betti_errors(pred=ring(), label=two_balls()) == (1, 1)
    assert betti_errors(pred=eight(), label=ball()) == (0, 2)
    assert betti_errors(pred=shell(), label=ball()) == (0, 0)


def test_errors_of_empty_masks() -> None:
    assert betti_errors(pred=empty(), label=empty()) == (0, 0)
    assert betti_errors(pred=empty(), label=eight()) == (1, 2)
