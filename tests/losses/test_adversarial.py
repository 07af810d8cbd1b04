import math

import pytest
import torch
from torch import Tensor

from scripts.losses.adversarial import adversarial_loss, discriminator_loss
from tests.finite_gradients import loss_and_gradients

COUNTS = [(1, 1), (24, 36), (5, 2)]  # references, projections


def logits(number: int, seed: int = 0) -> Tensor:
    return 3 * torch.randn(number, 1, generator=torch.Generator().manual_seed(seed))


def slow_discriminator_loss(references: Tensor, projections: Tensor) -> float:
    """The mean of -log d over the references plus the mean of -log(1 - d) over the projections, d = sigmoid(logit)."""
    of_references = [-math.log(1 / (1 + math.exp(-logit))) for logit in references.flatten().tolist()]
    of_projections = [-math.log(1 - 1 / (1 + math.exp(-logit))) for logit in projections.flatten().tolist()]
    return sum(of_references) / len(of_references) + sum(of_projections) / len(of_projections)


@pytest.mark.parametrize("counts", COUNTS)
def test_discriminator_loss_matches_the_slow_reference(counts: tuple[int, int]) -> None:
    references, projections = logits(counts[0]), logits(counts[1], seed=1)
    expected = slow_discriminator_loss(references, projections)
    assert discriminator_loss(references, projections).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("number", [1, 36])
def test_adversarial_loss_matches_the_slow_reference(number: int) -> None:
    projections = logits(number)
    expected = sum(-math.log(1 / (1 + math.exp(-logit))) for logit in projections.flatten().tolist()) / number
    assert adversarial_loss(projections).item() == pytest.approx(expected, rel=1e-5)


def test_undecided_discriminator() -> None:
    zeros = torch.zeros(3, 1)
    assert discriminator_loss(zeros, zeros).item() == pytest.approx(2 * math.log(2))
    assert adversarial_loss(zeros).item() == pytest.approx(math.log(2))


def test_sides_count_equally_however_many_images_they_have() -> None:
    references, projections = logits(4), logits(6, seed=1)
    loss = discriminator_loss(references, projections)
    torch.testing.assert_close(discriminator_loss(references.repeat(5, 1), projections), loss)


def test_the_two_losses_pull_the_projections_apart() -> None:
    _, (of_references, of_projections) = loss_and_gradients(discriminator_loss, logits(4), logits(6, seed=1))
    _, (of_network,) = loss_and_gradients(adversarial_loss, logits(6, seed=1))
    assert (of_references < 0).all()  # a step against it raises the references' logits
    assert (of_projections > 0).all()
    assert (of_network < 0).all()


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_certainty_is_finite(size: float, bfloat16: bool) -> None:
    extreme = torch.full((3, 1), size)

    def both(references: Tensor, projections: Tensor) -> Tensor:
        return (discriminator_loss(references, projections) + adversarial_loss(projections)).float()

    loss_and_gradients(both, extreme, extreme, bfloat16=bfloat16)
    right, _ = loss_and_gradients(discriminator_loss, extreme.abs(), -extreme.abs())
    assert right == 0
