import math
from itertools import product

import pytest
import torch
from torch import Tensor

from scripts.losses.weighted_cross_entropy import WeightedCrossEntropyLoss
from tests.finite_gradients import loss_and_gradients

SHAPES = [(1, 1, 1, 1, 1), (2, 1, 3, 4, 2), (3, 1, 4, 4, 4)]


def random_case(*shape: int) -> tuple[Tensor, Tensor, Tensor]:
    vessels, label, weight = torch.rand(3, *shape, generator=torch.Generator().manual_seed(0))
    return vessels, (label > 0.7).float(), weight


def slow_loss(vessels: Tensor, label: Tensor, weight: Tensor) -> float:
    terms = []
    for index in product(*map(range, vessels.shape)):
        m = vessels[index].item()
        terms.append(-weight[index].item() * (math.log(m) if label[index] else math.log(1 - m)))
    return sum(terms) / len(terms)


@pytest.mark.parametrize("shape", SHAPES)
def test_value_matches_the_slow_reference(shape: tuple[int, ...]) -> None:
    case = random_case(*shape)
    assert WeightedCrossEntropyLoss()(*case).item() == pytest.approx(slow_loss(*case), rel=1e-5)


def test_closed_form() -> None:
    vessels = torch.tensor([0.5, 0.5, 0.8]).reshape(1, 1, 1, 1, 3)
    label, weight = (torch.tensor(v).reshape(1, 1, 1, 1, 3) for v in ([1.0, 0.0, 1.0], [2.0, 0.15, 0.0]))
    expected = 2.15 * math.log(2) / 3  # the third voxel has no weight
    assert WeightedCrossEntropyLoss()(vessels, label, weight).item() == pytest.approx(expected)


def test_it_pulls_the_cluster_towards_the_label_in_proportion_to_the_weight() -> None:
    label, weight = torch.tensor([1.0, 1.0, 0.0]), torch.tensor([1.0, 0.5, 1.0])
    _, (gradient, *_) = loss_and_gradients(WeightedCrossEntropyLoss(), torch.full((3,), 0.5), label, weight)
    assert gradient[0] < 0 < gradient[2]
    assert gradient[1] == pytest.approx(gradient[0] / 2)


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_extremes_are_finite(value: float, label: float, bfloat16: bool) -> None:
    shape = (2, 1, 8, 8, 8)
    vessels, label, weight = (torch.full(shape, v) for v in (value, label, 1.0))
    loss, _ = loss_and_gradients(WeightedCrossEntropyLoss(), vessels, label, weight, bfloat16=bfloat16)
    assert 0 <= loss < 14  # -log of the least probability
