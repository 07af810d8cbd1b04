import pytest
import torch
from torch import Tensor

from scripts.losses.temporal_consistency import TemporalConsistencyLoss
from tests.finite_gradients import loss_and_gradients

SHAPES = [(1, 1, 2, 2, 2), (2, 1, 3, 4, 5), (3, 1, 4, 4, 4)]


def random_pair(*shape: int) -> tuple[Tensor, Tensor]:
    student, teacher = torch.rand(2, *shape, generator=torch.Generator().manual_seed(0))
    return student, teacher


def slow_loss(student: Tensor, teacher: Tensor) -> float:
    """One ratio over all voxels plus one over the pixels of all images' three projections."""

    def dice(pairs: list[tuple[float, float]]) -> float:
        return -(2 * sum(a * b for a, b in pairs) + 1) / (sum(a + b for a, b in pairs) + 1)

    volumes = list(zip(student.flatten().tolist(), teacher.flatten().tolist()))
    projections = []
    for n in range(len(student)):
        for axis in range(3):
            pixels = [x[n, 0].movedim(axis, 2).flatten(0, 1).tolist() for x in (student, teacher)]
            projections += [(max(a), max(b)) for a, b in zip(*pixels)]
    return dice(volumes) + dice(projections)


@pytest.mark.parametrize("shape", SHAPES)
def test_value_matches_the_slow_reference(shape: tuple[int, ...]) -> None:
    student, teacher = random_pair(*shape)
    loss = TemporalConsistencyLoss()(student, teacher)
    assert loss.item() == pytest.approx(slow_loss(student, teacher), rel=1e-5)
    assert -2 <= loss < 0


@pytest.mark.parametrize("shape", SHAPES)
def test_gradient_matches_differences(shape: tuple[int, ...]) -> None:
    student, teacher = random_pair(*shape)
    _, (gradient, _) = loss_and_gradients(TemporalConsistencyLoss(), student, teacher)
    step = 1e-4
    for voxel in range(0, student.numel(), max(1, student.numel() // 10)):
        values = []
        for sign in (1, -1):
            moved = student.double()
            moved.view(-1)[voxel] += sign * step
            values.append(slow_loss(moved, teacher.double()))
        expected = (values[0] - values[1]) / (2 * step)
        assert gradient.flatten()[voxel].item() == pytest.approx(expected, rel=1e-2, abs=1e-5)


def test_the_teacher_has_no_gradient() -> None:
    student, teacher = (x.requires_grad_() for x in random_pair(2, 1, 3, 3, 3))
    TemporalConsistencyLoss()(student, teacher).backward()
    assert teacher.grad is None
    assert student.grad.any()


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_agreement_is_the_best_case(value: float) -> None:
    mask = torch.full((2, 1, 4, 4, 4), value)
    assert TemporalConsistencyLoss()(mask, mask) == -2


def test_disagreement_by_hand() -> None:
    student, teacher = torch.zeros(1, 1, 2, 2, 2), torch.zeros(1, 1, 2, 2, 2)
    student[..., 0, 0, 0] = 1
    teacher[..., 0, 0, 1] = 1  # a neighbour along the last axis, where both project to the same pixel
    # Volumes: -1 / (1 + 1 + 1). Projections: 3 pixels each, one of them common: -(2 + 1) / (3 + 3 + 1).
    assert TemporalConsistencyLoss()(student, teacher).item() == pytest.approx(-1 / 3 - 3 / 7)


@pytest.mark.parametrize("shape", SHAPES)
def test_symmetries(shape: tuple[int, ...]) -> None:
    student, teacher = random_pair(*shape)
    loss = TemporalConsistencyLoss()
    value = loss(student, teacher)
    torch.testing.assert_close(loss(teacher, student), value)
    torch.testing.assert_close(loss(student.flip(0, 3), teacher.flip(0, 3)), value)
    torch.testing.assert_close(loss(student.transpose(2, 4), teacher.transpose(2, 4)), value)  # the axes are equals


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("values", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_extremes_are_finite(values: tuple[int, int], bfloat16: bool) -> None:
    student, teacher = (torch.full((2, 1, 8, 8, 8), float(value)) for value in values)
    loss, _ = loss_and_gradients(TemporalConsistencyLoss(), student, teacher, bfloat16=bfloat16)
    assert -2 <= loss < 0
