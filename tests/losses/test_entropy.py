import math

import pytest
import torch
from torch import Tensor

from scripts.losses.entropy import EntropyLoss
from tests.finite_gradients import loss_and_gradients

SHAPES = [(1, 1, 1, 1, 1), (2, 3, 2, 2, 2), (1, 8, 4, 2, 3)]


def clusters(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0)).clamp(0.01, 0.99)


@pytest.mark.parametrize("shape", SHAPES)
def test_value_matches_the_slow_reference(shape: tuple[int, ...]) -> None:
    m = clusters(*shape)
    expected = 0.0
    for value in m.flatten().tolist():
        expected -= value * math.log(value) + (1 - value) * math.log(1 - value)
    assert EntropyLoss()(m).item() == pytest.approx(expected / m.numel(), rel=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_gradient_is_the_negative_logit(shape: tuple[int, ...]) -> None:
    m = clusters(*shape)
    _, (gradient,) = loss_and_gradients(EntropyLoss(), m)
    torch.testing.assert_close(gradient, -torch.log(m / (1 - m)) / m.numel(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("value", "expected"), [(0.0, 0.0), (1.0, 0.0), (0.5, math.log(2)), (0.25, 0.5623351)])
def test_closed_forms(value: float, expected: float) -> None:
    # 0.25: -(1/4 ln 1/4 + 3/4 ln 3/4) = 0.5623
    assert EntropyLoss()(torch.full((2, 3, 2, 2, 2), value)).item() == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_symmetries(shape: tuple[int, ...]) -> None:
    m = clusters(*shape)
    loss = EntropyLoss()
    torch.testing.assert_close(loss(1 - m), loss(m))
    torch.testing.assert_close(loss(m.flip(0, 1, 2)), loss(m))


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("value", [0.0, 1.0, 1e-30, 0.5])
def test_extremes_are_finite(value: float, bfloat16: bool) -> None:
    loss, _ = loss_and_gradients(EntropyLoss(), torch.full((2, 3, 2, 2, 2), value), bfloat16=bfloat16)
    assert loss >= 0
