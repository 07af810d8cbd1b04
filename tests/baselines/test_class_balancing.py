import math

import pytest
import torch
from torch import Tensor

from scripts.baselines.class_balancing import ClassBalancingLoss
from tests.finite_gradients import loss_and_gradients

SHAPES = [(1, 1, 1, 1, 1), (2, 1, 3, 2, 2), (3, 1, 4, 4, 4)]


def random_case(*shape: int) -> tuple[Tensor, Tensor]:
    prediction, label = torch.rand(2, *shape, generator=torch.Generator().manual_seed(0))
    return 0.05 + 0.9 * prediction, (label > 0.6).float()


def slow_loss(prediction: Tensor, label: Tensor) -> float:
    """L_1 + L_2, term by term as published."""
    voxels = list(zip(prediction.flatten().tolist(), label.flatten().tolist()))
    positive = [p for p, y in voxels if y == 1]
    negative = [p for p, y in voxels if y == 0]
    false_positive = [p for p in negative if p > 0.5]
    false_negative = [p for p in positive if p < 0.5]
    positives, negatives = max(len(positive), 1), max(len(negative), 1)
    loss = -sum(map(math.log, positive)) / positives - sum(math.log(1 - p) for p in negative) / negatives
    if false_positive:
        g = 0.5 + sum(abs(p - 0.5) for p in false_positive) / len(false_positive)
        loss -= g / positives * sum(math.log(1 - p) for p in false_positive)
    if false_negative:
        g = 0.5 + sum(abs(p - 0.5) for p in false_negative) / len(false_negative)
        loss -= g / negatives * sum(map(math.log, false_negative))
    return loss


@pytest.mark.parametrize("shape", SHAPES)
def test_value_matches_the_slow_reference(shape: tuple[int, ...]) -> None:
    case = random_case(*shape)
    assert ClassBalancingLoss()(*case).item() == pytest.approx(slow_loss(*case), rel=1e-5)


def test_by_hand() -> None:
    prediction = torch.tensor([0.75, 0.25, 0.75, 0.25]).reshape(1, 1, 1, 1, 4)
    label = torch.tensor([1.0, 0.0, 0.0, 0.0]).reshape(1, 1, 1, 1, 4)
    # Y+: -log 3/4. Y-: -(2 log 3/4 + log 1/4) / 3. One false positive of excess 1/4: -3/4 log 1/4, over |Y+| = 1.
    a, b = math.log(0.75), math.log(0.25)
    assert ClassBalancingLoss()(prediction, label).item() == pytest.approx(-a - (2 * a + b) / 3 - 0.75 * b)


def test_both_classes_weigh_alike_however_rare_one_is() -> None:
    label = torch.zeros(1, 1, 10, 10, 10)
    label[..., :1, :1] = 1  # ten voxels in a thousand
    _, (gradient, _) = loss_and_gradients(ClassBalancingLoss(), torch.full_like(label, 0.5), label)
    assert gradient[label == 1].sum().item() == pytest.approx(-gradient[label == 0].sum().item(), rel=1e-4)


def test_a_false_positive_counts_by_the_number_of_vessel_voxels() -> None:
    label = torch.zeros(1, 1, 10, 10, 10)
    label[..., :1, :1] = 1  # |Y+| = 10, |Y-| = 990
    _, (gradient, _) = loss_and_gradients(ClassBalancingLoss(), torch.full_like(label, 0.6), label)
    # -d log(1 - p) / dp = 1 / 0.4; g_1 = 1/2 + 0.1 is no function of p here
    assert gradient[label == 0].tolist() == pytest.approx([(1 / 990 + 0.6 / 10) / 0.4] * 990, rel=1e-4)


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_extremes_are_finite(value: float, target: float, bfloat16: bool) -> None:
    shape = (2, 1, 4, 4, 4)
    loss, _ = loss_and_gradients(
        ClassBalancingLoss(), torch.full(shape, value), torch.full(shape, target), bfloat16=bfloat16
    )
    assert (loss < 1e-3) == (value == target)
