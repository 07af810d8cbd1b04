import time

import numpy as np
import pytest

from scripts.metrics.case_metrics import METRICS, case_metrics


def box(start: int, stop: int, shape: tuple[int, int, int] = (8, 9, 20)) -> np.ndarray:
    """Draw a straight vessel of 2 x 2 voxels along the last axis."""
    mask = np.zeros(shape, dtype=np.uint8)
    mask[3:5, 3:5, start:stop] = 1
    return mask


def test_perfect_prediction() -> None:
    scores = case_metrics(pred=box(3, 15), label=box(3, 15), spacing=(1, 1, 1))
    assert tuple(scores) == METRICS
    errors = {"HD95_mm", "betti_0_error", "betti_1_error", "breakages"}
    assert all(value == (0 if name in errors else 1) for name, value in scores.items())


def test_voxel_scores() -> None:
    scores = case_metrics(pred=box(4, 10), label=box(2, 8), spacing=(1, 1, 1))
    # 6 slices of 4 voxels each, 4 slices in common.
    assert scores["precision"] == pytest.approx(4 / 6)
    assert scores["recall"] == pytest.approx(4 / 6)
    assert scores["DSC"] == pytest.approx(2 * 16 / (24 + 24))


def test_precision_and_recall_are_not_swapped() -> None:
    scores = case_metrics(pred=box(2, 5), label=box(2, 14), spacing=(1, 1, 1))
    assert scores["precision"] == 1
    assert scores["recall"] == pytest.approx(3 / 12)
    assert scores["topology_precision"] == 1
    assert scores["topology_sensitivity"] < 0.5
    assert scores["DSC"] == pytest.approx(2 * 12 / (12 + 48))


def line(row: int) -> np.ndarray:
    mask = np.zeros((5, 12, 12), dtype=np.uint8)
    mask[2, row, 2:10] = 1
    return mask


@pytest.mark.parametrize(("spacing", "expected"), [((1, 1, 1), 3.0), ((1, 0.5, 1), 1.5), ((9, 2, 1), 6.0)])
def test_hd95_is_in_millimetres(spacing: tuple[float, float, float], expected: float) -> None:
    # Two parallel lines, 3 voxels apart along the second axis.
    assert case_metrics(pred=line(3), label=line(6), spacing=spacing)["HD95_mm"] == pytest.approx(expected)


def test_surface_dice_tolerates_one_voxel_of_any_spacing() -> None:
    assert case_metrics(pred=line(4), label=line(5), spacing=(3, 3, 3))["NSD_1_voxel"] == 1
    assert case_metrics(pred=line(4), label=line(6), spacing=(0.1, 0.1, 0.1))["NSD_1_voxel"] == 0


def test_surface_dice_counts_both_surfaces() -> None:
    both = np.maximum(line(2), line(9))
    # 8 voxels of the found line in prediction and label, 8 more of the label are missed: 16 of 24.
    assert case_metrics(pred=line(2), label=both, spacing=(1, 1, 1))["NSD_1_voxel"] == pytest.approx(16 / 24)


def test_betti_errors_of_a_broken_vessel() -> None:
    broken = box(2, 18)
    broken[:, :, 10] = 0
    scores = case_metrics(pred=broken, label=box(2, 18), spacing=(1, 1, 1))
    assert (scores["betti_0_error"], scores["betti_1_error"], scores["breakages"]) == (1, 0, 1)


def test_both_masks_empty() -> None:
    empty = np.zeros((4, 5, 6))
    scores = case_metrics(pred=empty, label=empty, spacing=(1, 1, 1))
    errors = {"HD95_mm", "betti_0_error", "betti_1_error", "breakages"}
    assert all(value == (0 if name in errors else 1) for name, value in scores.items())


@pytest.mark.parametrize("swap", [False, True])
def test_one_mask_empty(swap: bool) -> None:
    masks = [np.zeros((8, 9, 20), dtype=np.uint8), box(3, 15)]
    pred, label = masks[::-1] if swap else masks
    scores = case_metrics(pred=pred, label=label, spacing=(0.5, 0.5, 0.5))
    assert scores["HD95_mm"] == pytest.approx(0.5 * np.sqrt(8**2 + 9**2 + 20**2))  # the volume's diagonal
    assert scores["betti_0_error"] == 1
    fractions = set(METRICS) - {"HD95_mm", "betti_0_error", "betti_1_error", "breakages"}
    assert all(scores[name] == 0 for name in fractions)


def test_no_overlap_is_zero_and_not_undefined() -> None:
    scores = case_metrics(pred=line(2), label=line(9), spacing=(1, 1, 1))
    assert scores["DSC"] == scores["precision"] == scores["recall"] == scores["clDice"] == 0


def test_background_around_the_masks_changes_nothing() -> None:
    pred, label = box(0, 10), box(2, 20)  # they touch the border
    spacing = (0.4, 0.5, 0.6)
    padded = case_metrics(pred=np.pad(pred, 7), label=np.pad(label, 7), spacing=spacing)
    assert case_metrics(pred=pred, label=label, spacing=spacing) == pytest.approx(padded)


def test_masks_of_any_type() -> None:
    scores = [
        case_metrics(pred=box(4, 10).astype(kind), label=box(2, 8).astype(kind), spacing=(1, 1, 1))
        for kind in (bool, np.uint8, np.int16, np.float32)
    ]
    assert all(score == scores[0] for score in scores)


def test_masks_are_not_changed() -> None:
    pred, label = box(4, 10), box(2, 8)
    case_metrics(pred=pred, label=label, spacing=(1, 1, 1))
    assert np.array_equal(pred, box(4, 10)) and np.array_equal(label, box(2, 8))


def test_different_grids_are_an_error() -> None:
    with pytest.raises(ValueError, match="different grids"):
        case_metrics(pred=np.zeros((3, 3, 3)), label=np.zeros((3, 3, 4)), spacing=(1, 1, 1))


def test_a_large_volume_is_fast_around_its_vessels() -> None:
    mask = np.zeros((250, 250, 250), dtype=np.uint8)
    mask[100:110, 100:110, 50:200] = 1
    start = time.process_time()
    case_metrics(pred=mask, label=np.roll(mask, 1, axis=0), spacing=(0.5, 0.5, 0.5))
    assert time.process_time() - start < 5  # about 0.2 s: scored in the box around the vessels
