import pytest
import torch
from torch import Tensor

from scripts.losses.reliability import ReliabilityLoss, pseudo_labels
from tests.finite_gradients import loss_and_gradients

SHAPES = [(1, 1, 1, 1, 1), (2, 1, 3, 2, 2), (3, 1, 4, 4, 4)]


def random_case(*shape: int) -> tuple[Tensor, Tensor, Tensor]:
    """Prediction, pseudo label and reliable mask."""
    prediction, label, reliable = torch.rand(3, *shape, generator=torch.Generator().manual_seed(0))
    return prediction, (label > 0.5).float(), (reliable > 0.3).float()


def slow_loss(prediction: Tensor, label: Tensor, reliable: Tensor) -> float:
    """-(2 sum y f q + 1) / (sum y q + sum f q + 1)."""
    product = labelled = predicted = 0.0
    for f, y, q in zip(*(x.flatten().tolist() for x in (prediction, label, reliable))):
        product += y * f * q
        labelled += y * q
        predicted += f * q
    return -(2 * product + 1) / (labelled + predicted + 1)


@pytest.mark.parametrize("shape", SHAPES)
def test_value_matches_the_slow_reference(shape: tuple[int, ...]) -> None:
    case = random_case(*shape)
    loss = ReliabilityLoss()(*case)
    assert loss.item() == pytest.approx(slow_loss(*case), rel=1e-5)
    assert -1 <= loss < 0


@pytest.mark.parametrize("shape", SHAPES)
def test_only_reliable_voxels_count(shape: tuple[int, ...]) -> None:
    prediction, label, reliable = random_case(*shape)
    _, (gradient, _, _) = loss_and_gradients(ReliabilityLoss(), prediction, label, reliable)
    assert torch.equal(gradient != 0, reliable != 0)
    other = torch.where(reliable == 1, prediction, 1 - prediction)
    torch.testing.assert_close(
        ReliabilityLoss()(other, label, reliable), ReliabilityLoss()(prediction, label, reliable)
    )


def test_gradient_pulls_towards_the_label() -> None:
    label = torch.tensor([1.0, 0.0]).reshape(1, 1, 1, 1, 2)
    _, (gradient, _, _) = loss_and_gradients(
        ReliabilityLoss(), torch.full_like(label, 0.5), label, torch.ones_like(label)
    )
    assert gradient.flatten()[0] < 0 < gradient.flatten()[1]


def test_by_hand() -> None:
    prediction, label, reliable = (
        torch.tensor(values).reshape(1, 1, 1, 1, 4)
        for values in ([0.5, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 0.0])
    )
    # 2 * 1.5 + 1 over 3 + 1.5 + 1
    assert ReliabilityLoss()(prediction, label, reliable).item() == pytest.approx(-4 / 5.5)


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("values", [(f, y, q) for f in (0, 1) for y in (0, 1) for q in (0, 1)])
def test_extremes_are_finite(values: tuple[int, int, int], bfloat16: bool) -> None:
    case = [torch.full((2, 1, 4, 4, 4), float(value)) for value in values]
    loss, (gradient, _, _) = loss_and_gradients(ReliabilityLoss(), *case, bfloat16=bfloat16)
    prediction, label, reliable = values
    assert loss.item() == pytest.approx(-1 if not reliable or prediction == label else -1 / 129, rel=1e-5)
    assert reliable or not gradient.any()


def test_pseudo_labels_by_hand() -> None:
    averaged = torch.tensor([0.0, 0.1, 0.11, 0.5, 0.51, 0.89, 0.9, 1.0])
    label, reliable = pseudo_labels(averaged)
    assert label.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]  # more than a half
    assert reliable.tolist() == [1, 1, 0, 0, 0, 0, 1, 1]  # not between 1 - 0.9 and 0.9, both reliable themselves


@pytest.mark.parametrize("confidence_threshold", [0.5, 0.6, 0.75, 0.9, 0.99, 1.0])
def test_pseudo_labels_match_the_slow_reference(confidence_threshold: float) -> None:
    averaged = torch.rand(2, 1, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    label, reliable = pseudo_labels(averaged, confidence_threshold)
    assert label.shape == reliable.shape == averaged.shape
    for value, y, q in zip(*(x.flatten().tolist() for x in (averaged, label, reliable))):
        assert y == (1 if value > 0.5 else 0)
        assert q == (0 if 1 - confidence_threshold < value < confidence_threshold else 1)


def test_pseudo_labels_of_the_opposite_are_the_opposite() -> None:
    averaged = torch.rand(2, 1, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    label, reliable = pseudo_labels(averaged)
    opposite, still_reliable = pseudo_labels(1 - averaged)
    assert torch.equal(opposite, 1 - label)
    assert torch.equal(still_reliable, reliable)
