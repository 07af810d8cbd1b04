import math

import pytest
import torch
from torch import Tensor

from scripts.losses.dice_cross_entropy import DeeplySupervisedLoss, DiceCrossEntropyLoss
from tests.finite_gradients import loss_and_gradients

SHAPES = [(1, 1, 1, 1, 2), (2, 1, 3, 2, 2), (3, 1, 4, 4, 4)]


def random_case(*shape: int) -> tuple[Tensor, Tensor]:
    prediction, label = torch.rand(2, *shape, generator=torch.Generator().manual_seed(0))
    label = (label > 0.5).float()
    label[..., 0] = 1  # never empty
    return 0.05 + 0.9 * prediction, label


def slow_loss(prediction: Tensor, label: Tensor) -> float:
    """1 - 2 sum p y / (sum p + sum y), plus the mean of -[y log p + (1 - y) log(1 - p)]."""
    product = total = entropy = 0.0
    voxels = list(zip(prediction.flatten().tolist(), label.flatten().tolist()))
    for p, y in voxels:
        product += p * y
        total += p + y
        entropy -= math.log(p) if y else math.log(1 - p)
    return 1 - 2 * product / total + entropy / len(voxels)


@pytest.mark.parametrize("shape", SHAPES)
def test_value_matches_the_slow_reference(shape: tuple[int, ...]) -> None:
    case = random_case(*shape)
    assert DiceCrossEntropyLoss()(*case).item() == pytest.approx(slow_loss(*case), rel=1e-4)


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize(
    ("value", "target", "least", "greatest"),
    [(1.0, 1.0, 0.0, 1e-3), (0.0, 0.0, 0.0, 1.0), (0.0, 1.0, 10.0, 20.0), (1.0, 0.0, 10.0, 20.0)],
)
def test_extremes_are_finite(value: float, target: float, least: float, greatest: float, bfloat16: bool) -> None:
    shape = (2, 1, 4, 4, 4)
    loss, _ = loss_and_gradients(
        DiceCrossEntropyLoss(), torch.full(shape, value), torch.full(shape, target), bfloat16=bfloat16
    )
    assert least <= loss <= greatest


def test_gradient_pulls_towards_the_label() -> None:
    label = torch.tensor([1.0, 0.0]).reshape(1, 1, 1, 1, 2)
    _, (gradient, _) = loss_and_gradients(DiceCrossEntropyLoss(), torch.full_like(label, 0.5), label)
    assert gradient.flatten()[0] < 0 < gradient.flatten()[1]


@pytest.mark.parametrize("outputs", [1, 3])
def test_deep_supervision_weighs_the_last_output_most(outputs: int) -> None:
    prediction, label = random_case(2, 1, 4, 4, 4)
    stack = torch.stack([prediction**power for power in range(1, outputs + 1)], dim=1)
    expected = sum(slow_loss(prediction ** (level + 1), label) / 2**level for level in range(outputs))
    assert DeeplySupervisedLoss()(stack, label).item() == pytest.approx(expected, rel=1e-4)
