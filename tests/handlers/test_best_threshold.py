from pathlib import Path

import numpy as np
import pytest
import torch
from ignite.engine import Engine
from monai.data import MetaTensor

from scripts.handlers.best_threshold import BestThreshold, best_threshold
from tests.phantom import RAS, grid, save


def dsc(mask: np.ndarray, truth: np.ndarray) -> float:
    return 2 * (mask & truth).sum() / (mask.sum() + truth.sum())


@pytest.mark.parametrize("seed", range(5))
def test_no_threshold_is_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random(200) < 0.2
    response = np.round(truth + rng.normal(size=200), 1)  # rounded: many voxels share a value
    value, score = best_threshold(response, truth)
    scores = {t: dsc(response >= t, truth) for t in np.unique(response)}
    assert score == pytest.approx(max(scores.values()))
    assert scores[value] == pytest.approx(score)


def test_hand_made_example() -> None:
    response = np.array([0.9, 0.8, 0.7, 0.6, 0.1])
    truth = np.array([1, 0, 1, 1, 0])
    # DSC of the first 1, 2, ... voxels: 2/4, 2/5, 4/6, 6/7, 6/8.
    assert best_threshold(response, truth) == (0.6, pytest.approx(6 / 7))


def test_voxels_of_one_value_go_in_together() -> None:
    response = np.array([0.5, 0.5, 0.5, 0.2])
    truth = np.array([1, 0, 0, 1])
    # Not 0.5 after its first voxel alone (2/3), but 2/5 for all three, and 4/6 for all four.
    assert best_threshold(response, truth) == (0.2, pytest.approx(4 / 6))


def test_empty_truth_is_an_error() -> None:
    with pytest.raises(ValueError, match="truth of the validation split is empty"):
        best_threshold(np.ones(3), np.zeros(3))


def test_handler_pools_the_cases(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    affine = grid(RAS, (1.0, 1.0, 1.0), (6, 7, 8))
    cases, responses, truths = [], [], []
    for name in ("a", "b"):
        truth = rng.random((6, 7, 8)) < 0.3
        response = (truth + rng.normal(size=truth.shape)).astype(np.float32)
        label = save(tmp_path / f"{name}.nii.gz", truth.astype(np.uint8), affine)
        pred = MetaTensor(torch.from_numpy(response[None]), affine=torch.from_numpy(affine))
        cases.append(({"truth": str(label)}, {"pred": pred}))
        responses.append(response.ravel())
        truths.append(truth.ravel())

    def step(engine: Engine, case: tuple[dict, dict]) -> list[dict]:
        engine.state.batch = [case[0]]
        return [case[1]]

    engine, handler = Engine(step), BestThreshold()
    handler.attach(engine)
    assert handler.value is None
    engine.run(cases)
    assert handler.value == best_threshold(np.concatenate(responses), np.concatenate(truths))[0]
    first = handler.value
    engine.run(cases)  # a second run forgets the first
    assert handler.value == first and len(handler.responses) == 2
