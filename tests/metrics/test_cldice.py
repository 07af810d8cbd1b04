import numpy as np
import pytest

from scripts.metrics.cldice import cldice, skeleton, topology_precision, topology_sensitivity


def tube(start: int, stop: int, row: int = 5, half: int = 1) -> np.ndarray:
    """Draw a straight vessel along the last axis, 2 * half + 1 voxels wide."""
    mask = np.zeros((11, 11, 30), dtype=np.uint8)
    mask[row - half : row + half + 1, 5 - half : 6 + half, start:stop] = 1
    return mask


def test_skeleton_of_a_tube_is_its_axis() -> None:
    axis = np.argwhere(skeleton(mask=tube(5, 25)))
    assert set(map(tuple, axis[:, :2])) == {(5, 5)}
    assert len(axis) >= 18  # its two ends may lose a voxel


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_no_piece_is_without_a_skeleton(width: int) -> None:
    # Plain thinning erases the bars 2 and 4 voxels wide.
    mask = np.zeros((12, 12, 20), dtype=np.uint8)
    mask[1 : 1 + width, 1 : 1 + width, 2:18] = 1
    mask[7:10, 7:10, 2:18] = 1  # a second one, that has a skeleton
    lines = skeleton(mask=mask)
    assert lines[:6].any() and lines[6:].any()
    assert not (lines & (mask == 0)).any()


def test_a_missed_bar_of_even_width_is_missed() -> None:
    label = tube(5, 25, row=8, half=0)
    label[1:3, 5:7, 5:25] = 1
    # The found line has 20 voxels of skeleton; the missed bar counts with all its 2 * 2 * 20.
    assert topology_sensitivity(pred=tube(5, 25, row=8), label=label) == pytest.approx(20 / 100)


def test_same_mask() -> None:
    assert topology_precision(pred=tube(5, 25), label=tube(5, 25)) == 1
    assert topology_sensitivity(pred=tube(5, 25), label=tube(5, 25)) == 1


def test_thickness_does_not_matter() -> None:
    thin, thick = tube(5, 25, half=0), tube(5, 25, half=2)
    assert topology_precision(pred=thick, label=thin) == 1  # the thick tube's skeleton is its axis
    assert topology_sensitivity(pred=thick, label=thin) == 1


def test_half_of_a_line_is_missing() -> None:
    label, pred = tube(5, 25, half=0), tube(5, 15, half=0)
    assert topology_precision(pred=pred, label=label) == 1
    assert topology_sensitivity(pred=pred, label=label) == pytest.approx(10 / 20)


def test_line_runs_on_beyond_the_label() -> None:
    label, pred = tube(5, 15, half=0), tube(5, 25, half=0)
    assert topology_precision(pred=pred, label=label) == pytest.approx(10 / 20)
    assert topology_sensitivity(pred=pred, label=label) == 1


def test_second_line_is_missing() -> None:
    label = np.maximum(tube(5, 25, row=2, half=0), tube(5, 15, row=8, half=0))
    pred = tube(5, 25, row=2, half=0)
    assert topology_sensitivity(pred=pred, label=label) == pytest.approx(20 / 30)


def test_shifted_by_more_than_the_radius() -> None:
    assert topology_precision(pred=tube(5, 25, row=3), label=tube(5, 25, row=8)) == 0
    assert topology_sensitivity(pred=tube(5, 25, row=3), label=tube(5, 25, row=8)) == 0


def test_shifted_within_the_radius() -> None:
    assert topology_precision(pred=tube(5, 25, row=4), label=tube(5, 25, row=5)) == 1


def test_flat_masks() -> None:
    label, pred = tube(5, 25, half=0)[5], tube(5, 15, half=0)[5]
    assert topology_sensitivity(pred=pred, label=label) == pytest.approx(10 / 20)


@pytest.mark.parametrize("score", [topology_precision, topology_sensitivity])
def test_empty_masks(score) -> None:
    empty = np.zeros((5, 5, 5))
    voxel = empty.copy()
    voxel[2, 2, 2] = 1
    assert score(pred=empty, label=empty) == 1
    assert score(pred=empty, label=voxel) == 0
    assert score(pred=voxel, label=empty) == 0
    assert score(pred=voxel, label=voxel) == 1


def test_harmonic_mean() -> None:
    assert cldice(precision=1.0, sensitivity=0.5) == pytest.approx(2 / 3)
    assert cldice(precision=0.0, sensitivity=0.0) == 0
