import numpy as np
import pytest

from scripts.metrics.breakages import breakages


def tube(*holes: slice) -> np.ndarray:
    """A vessel of 3 x 3 voxels along the last axis, with holes."""
    mask = np.zeros((9, 9, 40), dtype=np.uint8)
    mask[3:6, 3:6, 3:37] = 1
    for hole in holes:
        mask[:, :, hole] = 0
    return mask


def fork(hole: bool) -> np.ndarray:
    """A trunk and two arms in one plane; with a hole, none of the bifurcation."""
    mask = np.zeros((5, 41, 41), dtype=np.uint8)
    mask[2, 20, 2:21] = 1
    for step in range(18):
        mask[2, 20 - step, 20 + step] = mask[2, 20 + step, 20 + step] = 1
    if hole:
        mask[:, 17:24, 17:24] = 0
    return mask


@pytest.mark.parametrize(
    ("holes", "expected"),
    [
        ((), 0),
        ((slice(20, 21),), 1),
        ((slice(15, 25),), 1),
        ((slice(10, 12), slice(20, 22), slice(28, 30)), 3),
        ((slice(0, 12),), 0),  # an end that is cut short
        ((slice(0, 40),), 0),  # nothing found
    ],
)
def test_gaps_between_found_parts_are_counted(holes: tuple[slice, ...], expected: int) -> None:
    assert breakages(pred=tube(*holes), label=tube()) == expected


def test_a_missed_bifurcation_breaks_two_vessels_off() -> None:
    assert breakages(pred=fork(hole=False), label=fork(hole=False)) == 0
    assert breakages(pred=fork(hole=True), label=fork(hole=False)) == 2


def test_what_is_found_beside_the_label_mends_nothing() -> None:
    broken = tube(slice(15, 20))
    broken[0, 0, :] = 1
    assert breakages(pred=broken, label=tube()) == 1


@pytest.mark.parametrize("empty", ["pred", "label", "both"])
def test_empty_masks_have_none(empty: str) -> None:
    masks = {"pred": tube(), "label": tube()}
    for name in ("pred", "label") if empty == "both" else (empty,):
        masks[name] = np.zeros_like(masks[name])
    assert breakages(**masks) == 0
