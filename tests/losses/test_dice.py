import pytest
import torch
from torch import Tensor

from scripts.losses.dice import negative_dice
from tests.finite_gradients import loss_and_gradients

SHAPES = [[(1, 1, 1)], [(2, 1, 3, 4)], [(2, 1, 3, 4), (2, 1, 5, 2)], [(3, 1, 2, 2, 2)]]


def random_images(shapes: list[tuple[int, ...]], seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(shape, generator=generator) for shape in shapes]


def slow_dice(first: list[Tensor], second: list[Tensor]) -> float:
    """-(2 sum y y' + 1) / (sum y + sum y' + 1) over every pixel of everything."""
    product = total = 0.0
    for y, other in zip(first, second):
        for a, b in zip(y.flatten().tolist(), other.flatten().tolist()):
            product += a * b
            total += a + b
    return -(2 * product + 1) / (total + 1)


@pytest.mark.parametrize("shapes", SHAPES)
def test_value_matches_the_slow_reference_and_lies_between_minus_one_and_zero(shapes: list[tuple[int, ...]]) -> None:
    first, second = random_images(shapes), random_images(shapes, seed=1)
    loss = negative_dice(first, second)
    assert loss.item() == pytest.approx(slow_dice(first, second), rel=1e-5)
    assert -1 <= loss < 0


@pytest.mark.parametrize("shapes", SHAPES)
def test_gradient_matches_differences(shapes: list[tuple[int, ...]]) -> None:
    first, second = random_images(shapes), random_images(shapes, seed=1)
    _, gradients = loss_and_gradients(lambda *y: negative_dice(list(y), second), *first)
    step = 1e-3
    for index, gradient in enumerate(gradients):
        for pixel in range(gradient.numel()):
            values = []
            for sign in (1, -1):
                moved = [y.clone() for y in first]
                moved[index].view(-1)[pixel] += sign * step
                values.append(slow_dice(moved, second))
            expected = (values[0] - values[1]) / (2 * step)
            assert gradient.flatten()[pixel].item() == pytest.approx(expected, rel=1e-2, abs=1e-4)


def test_empty_pair_is_the_best_case() -> None:
    zeros = [torch.zeros(2, 1, 4, 4)]
    assert negative_dice(zeros, zeros) == -1


def test_equal_masks_are_the_best_case() -> None:
    mask = [(torch.rand(2, 1, 4, 4) > 0.5).float()]
    assert negative_dice(mask, mask) == -1


def test_by_hand() -> None:
    y, other = torch.tensor([[1.0, 1.0, 0.0, 0.0]]), torch.tensor([[1.0, 0.0, 1.0, 0.0]])
    assert negative_dice([y], [other]).item() == pytest.approx(-3 / 5)  # (2 + 1) / (2 + 2 + 1)
    assert negative_dice([y], [1 - y]).item() == pytest.approx(-1 / 5)  # (0 + 1) / (2 + 2 + 1)


def test_one_ratio_over_the_whole_batch() -> None:
    # A mean of ratios would be -(1 + 1/5) / 2 = -0.6.
    y, other = (
        torch.tensor([[0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]]),
        torch.tensor([[0.0] * 4, [0.0, 0.0, 1.0, 1.0]]),
    )
    assert negative_dice([y], [other]).item() == pytest.approx(-1 / 5)


@pytest.mark.parametrize("shapes", SHAPES)
def test_symmetry(shapes: list[tuple[int, ...]]) -> None:
    first, second = random_images(shapes), random_images(shapes, seed=1)
    torch.testing.assert_close(negative_dice(first, second), negative_dice(second, first))
    torch.testing.assert_close(negative_dice(first[::-1], second[::-1]), negative_dice(first, second))


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("values", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_extremes_are_finite(values: tuple[int, int], bfloat16: bool) -> None:
    first, second = (torch.full((2, 1, 8, 8, 8), float(value)) for value in values)
    loss, _ = loss_and_gradients(lambda y, other: negative_dice([y], [other]), first, second, bfloat16=bfloat16)
    expected = -1 if values[0] == values[1] else -1 / (1024 + 1)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_volumes_that_differ_in_shape_or_number_raise() -> None:
    with pytest.raises(ValueError, match="shape"):
        negative_dice([torch.ones(2, 1, 4)], [torch.ones(2, 1, 5)])
    with pytest.raises(ValueError):
        negative_dice([torch.ones(2, 1, 4)], [])
