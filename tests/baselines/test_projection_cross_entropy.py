import math

import pytest
import torch
from torch import Tensor

from scripts.baselines.projection_cross_entropy import ProjectionCrossEntropyLoss
from tests.finite_gradients import loss_and_gradients


def random_case(*shape: int) -> tuple[Tensor, Tensor]:
    prediction, label = torch.rand(2, *shape, generator=torch.Generator().manual_seed(0))
    return 0.05 + 0.6 * prediction, (label > 0.8).float()


def slow_loss(prediction: Tensor, label: Tensor, axes: int) -> float:
    """Sum over the axes W, H, D of the mean cross-entropy of the maxima along it."""
    total = 0.0
    for axis in (4, 3, 2)[:axes]:
        others = [a for a in (2, 3, 4) if a != axis]
        rays = 0.0
        for n in range(len(prediction)):
            for i in range(prediction.shape[others[0]]):
                for j in range(prediction.shape[others[1]]):
                    p, y = (volume[n, 0].movedim(axis - 2, 2)[i, j].max().item() for volume in (prediction, label))
                    rays -= math.log(p) if y else math.log(1 - p)
        total += rays / (len(prediction) * prediction.shape[others[0]] * prediction.shape[others[1]])
    return total


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("shape", [(1, 1, 1, 1, 1), (2, 1, 2, 3, 4), (3, 1, 4, 4, 4)])
def test_value_matches_the_slow_reference(shape: tuple[int, ...], axes: int) -> None:
    case = random_case(*shape)
    loss = ProjectionCrossEntropyLoss(axes)(*case)
    assert loss.item() == pytest.approx(slow_loss(*case, axes), rel=1e-5)


def test_one_axis_knows_no_depth() -> None:
    prediction, label = random_case(2, 1, 4, 4, 4)
    moved = label.roll(1, dims=4)
    assert torch.equal(
        ProjectionCrossEntropyLoss(1)(prediction, label), ProjectionCrossEntropyLoss(1)(prediction, moved)
    )
    assert ProjectionCrossEntropyLoss(2)(prediction, label) != ProjectionCrossEntropyLoss(2)(prediction, moved)


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_extremes_are_finite(value: float, target: float, bfloat16: bool) -> None:
    shape = (2, 1, 4, 4, 4)
    loss, _ = loss_and_gradients(
        ProjectionCrossEntropyLoss(3), torch.full(shape, value), torch.full(shape, target), bfloat16=bfloat16
    )
    assert (loss < 1e-3) == (value == target)


@pytest.mark.parametrize("axes", [0, 4])
def test_other_numbers_of_axes_raise(axes: int) -> None:
    with pytest.raises(ValueError, match="1 to 3 projections"):
        ProjectionCrossEntropyLoss(axes)
