from pathlib import Path

import numpy as np
import pytest
import torch
from ignite.engine import Engine
from monai.data import MetaTensor
from monai.transforms import Lambdad
from scipy.ndimage import gaussian_filter, label
from torch import Tensor

from scripts.baselines.best_threshold import BestThreshold, best_threshold
from tests.phantom import RAS, grid, save


def as_it_is(mask: Tensor) -> Tensor:
    return mask


def dsc(mask: np.ndarray, label: np.ndarray) -> float:
    return 2 * (mask & label).sum() / (mask.sum() + label.sum())


def without_small_components(mask: np.ndarray) -> np.ndarray:
    """Pieces of more than ten voxels that share faces."""
    pieces, _ = label(mask)
    return mask & (np.bincount(pieces.ravel()) > 10)[pieces]


def cleaned(mask: Tensor) -> Tensor:
    return torch.from_numpy(without_small_components(mask[0].numpy() > 0))[None]


def case(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A response with specks of noise, and the label: (16, 17, 18) each."""
    rng = np.random.default_rng(seed)
    label = gaussian_filter(rng.normal(size=(16, 17, 18)), 2) > 0.1
    return (3 * label + rng.normal(size=label.shape)).astype(np.float32), label


@pytest.mark.parametrize("seed", range(5))
def test_no_threshold_is_better_once_small_components_are_removed(seed: int) -> None:
    response, label = case(seed)
    tensors = [torch.from_numpy(response)[None]], [torch.from_numpy(label.astype(np.uint8))[None]]
    value, score = best_threshold(*tensors, cleaned)
    scores = [dsc(without_small_components(response >= t), label) for t in np.unique(response)]
    assert score == pytest.approx(dsc(without_small_components(response >= value), label))
    assert max(scores) - 0.01 < score <= max(scores) + 1e-9
    raw, _ = best_threshold(*tensors, as_it_is)
    assert raw > value  # specks, which a low threshold lets in, are not there any more


def test_hand_made_example() -> None:
    response = torch.tensor([0.9, 0.8, 0.7, 0.6, 0.1]).reshape(1, 1, 1, 5)
    label = torch.tensor([1, 0, 1, 1, 0]).reshape(1, 1, 1, 5)
    # DSC of the first 1, 2, ... voxels: 2/4, 2/5, 4/6, 6/7, 6/8.
    assert best_threshold([response], [label], as_it_is) == (pytest.approx(0.6), pytest.approx(6 / 7))
    # Where what follows leaves the first two voxels only: 2/4, 2/5, 2/5, 2/5, 2/5.
    first = torch.tensor([1, 1, 0, 0, 0], dtype=torch.uint8).reshape(1, 1, 1, 5)
    assert best_threshold([response], [label], lambda mask: mask * first) == (pytest.approx(0.9), pytest.approx(2 / 4))


def test_voxels_of_one_value_go_in_together() -> None:
    response = torch.tensor([0.5, 0.5, 0.5, 0.2]).reshape(1, 1, 1, 4)
    label = torch.tensor([1, 0, 0, 1]).reshape(1, 1, 1, 4)
    # Not 0.5 after its first voxel alone (2/3), but 2/5 for all three, and 4/6 for all four.
    assert best_threshold([response], [label], as_it_is) == (pytest.approx(0.2), pytest.approx(4 / 6))


def test_empty_label_is_an_error() -> None:
    with pytest.raises(ValueError, match="label of the validation split is empty"):
        best_threshold([torch.ones(1, 1, 1, 3)], [torch.zeros(1, 1, 1, 3)], as_it_is)


def test_handler_pools_the_cases(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    affine = grid(RAS, (1.0, 1.0, 1.0), (16, 17, 18))
    cases, responses, labels = [], [], []
    for seed, name in enumerate(("a", "b")):
        response, label = case(seed)
        file = save(tmp_path / f"{name}.nii.gz", label.astype(np.uint8), affine)
        pred = MetaTensor(torch.from_numpy(response[None]), affine=torch.from_numpy(affine))
        cases.append(({"label": str(file)}, {"pred": pred}))
        responses.append(pred)
        labels.append(torch.from_numpy(label.astype(np.uint8))[None])

    def step(engine: Engine, case: tuple[dict, dict]) -> list[dict]:
        engine.state.batch = [case[0]]
        return [case[1]]

    clean = Lambdad("pred", cleaned)
    engine, handler = Engine(step), BestThreshold(clean, split="test")
    handler.attach(engine)
    assert handler.value is None
    with caplog.at_level("INFO", logger="scripts.baselines.best_threshold"):
        engine.run(cases)
    together = best_threshold(responses, labels, cleaned)
    assert handler.value == together[0]
    assert [best_threshold([r], [t], cleaned) for r, t in zip(responses, labels)] != [
        together,
        together,
    ]
    assert f"threshold {together[0]:.4g} chosen on test, DSC {together[1]:.3f} there" in caplog.text
    engine.run(cases)  # a second run forgets the first
    assert handler.value == together[0] and len(handler.responses) == 2
