import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from scripts.losses.patch_discrimination import (
    PatchDiscriminationLoss,
    flatten_patches,
    mixup_targets,
    patch_embeddings,
)
from tests.finite_gradients import loss_and_gradients

SIZES = [(1, 2, 1), (2, 3, 1), (5, 4, 1), (1, 3, 2), (2, 16, 2)]  # (B, K, g)


def random_patches(count: int, dim: int, grid: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.randn(2, count, dim, grid, grid, grid, generator=generator, dtype=torch.float64)
    return F.normalize(first, dim=1), F.normalize(second, dim=1)


def rows_of(patches: Tensor) -> list[Tensor]:
    """One embedding per image and cell."""
    count, _, grid, _, _ = patches.shape
    cells = [(d, h, w) for d in range(grid) for h in range(grid) for w in range(grid)]
    return [patches[n, :, d, h, w] for n in range(count) for d, h, w in cells]


def slow_loss(first: Tensor, second: Tensor, temperature: float = 0.1, stop_gradient: bool = True) -> Tensor:
    """-(1/2N) sum_i [log P(i'|i) + sum_{j != i, i'} log(1 - P(j|i))], one product at a time."""
    rows = rows_of(first) + rows_of(second)
    number = len(rows) // 2
    total = torch.zeros((), dtype=first.dtype)
    for i, row in enumerate(rows):
        positive = (i + number) % (2 * number)
        scores = {}
        for j, other in enumerate(rows):
            if j != i:
                constant = other.detach() if stop_gradient else other
                scores[j] = torch.exp((row * constant).sum() / temperature)
        denominator = sum(scores.values())
        total = total + torch.log(scores[positive] / denominator)
        for j, score in scores.items():
            if j != positive:
                total = total + torch.log(1 - score / denominator)
    return -total / (2 * number)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_value_matches_the_slow_reference(size: tuple[int, int, int], temperature: float) -> None:
    first, second = random_patches(*size)
    loss = PatchDiscriminationLoss(temperature)(first, second)
    assert loss.item() == pytest.approx(slow_loss(first, second, temperature).item(), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_gradient_matches_the_slow_reference_whose_second_factor_is_constant(size: tuple[int, int, int]) -> None:
    leaves = [x.requires_grad_() for x in random_patches(*size)]
    # At the paper's T = 0.1 two rows may have P = 1 in single precision; a larger T compares the formula itself.
    ours = torch.autograd.grad(PatchDiscriminationLoss(0.3)(*leaves), leaves)
    reference = torch.autograd.grad(slow_loss(*leaves, temperature=0.3), leaves)
    for gradient, expected in zip(ours, reference):
        torch.testing.assert_close(gradient, expected, rtol=1e-3, atol=1e-5)


def test_the_stop_gradient_changes_the_gradient_but_not_the_value() -> None:
    leaves = [x.requires_grad_() for x in random_patches(3, 4, 1)]
    loss, reference = PatchDiscriminationLoss(0.3)(*leaves), slow_loss(*leaves, temperature=0.3, stop_gradient=False)
    assert loss.item() == pytest.approx(reference.item(), rel=1e-5)
    ours, other = (torch.autograd.grad(value, leaves)[0] for value in (loss, reference))
    assert not torch.allclose(ours, other, rtol=0.1)


@pytest.mark.parametrize("number", [1, 2, 5, 64])
def test_identical_patches(number: int) -> None:
    patches = F.normalize(torch.ones(number, 4, 1, 1, 1), dim=1)
    # P = 1 / (2N - 1) for each of the 2N - 1 others: one of them positive, 2N - 2 negative.
    others = 2 * number - 1
    expected = math.log(others) - (others - 1) * (math.log(1 - 1 / others) if number > 1 else 0)
    assert PatchDiscriminationLoss()(patches, patches).item() == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("number", [2, 3, 8])
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_perfect_patches(number: int, temperature: float) -> None:
    # Both views of a patch alike and orthogonal to every other one: the positive has e^(1/T), the 2N - 2 others 1.
    patches = torch.eye(number).reshape(number, number, 1, 1, 1)
    denominator = math.exp(1 / temperature) + 2 * number - 2
    expected = -(1 / temperature - math.log(denominator)) - (2 * number - 2) * math.log(1 - 1 / denominator)
    loss = PatchDiscriminationLoss(temperature)(patches, patches)
    assert loss.item() == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_matched_patches_have_a_lower_loss_than_mismatched_ones() -> None:
    patches = torch.eye(4).reshape(4, 4, 1, 1, 1)
    loss = PatchDiscriminationLoss()
    assert loss(patches, patches) < loss(patches, patches.roll(1, dims=0)) - 1


@pytest.mark.parametrize("size", SIZES)
def test_symmetries(size: tuple[int, int, int]) -> None:
    first, second = random_patches(*size)
    loss = PatchDiscriminationLoss(0.3)
    value = loss(first, second).item()
    assert loss(second, first).item() == pytest.approx(value, rel=1e-5)  # the views are equals
    assert loss(first.flip(0), second.flip(0)).item() == pytest.approx(value, rel=1e-5)  # so are the crops
    assert loss(first.flip(2, 4), second.flip(2, 4)).item() == pytest.approx(value, rel=1e-5)  # and the cells
    turn, _ = torch.linalg.qr(torch.randn(size[1], size[1], dtype=torch.float64))
    turned = [torch.einsum("lk,nkdhw->nldhw", turn, x) for x in (first, second)]
    assert loss(*turned).item() == pytest.approx(value, rel=1e-5)  # only angles matter


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("case", ["identical", "opposite", "one patch", "zero", "wrong and certain"])
def test_extremes_are_finite(case: str, bfloat16: bool) -> None:
    ones = F.normalize(torch.ones(3, 4, 2, 2, 2), dim=1)
    axis = torch.tensor([[1.0, 0.0], [-1.0, 0.0]]).reshape(2, 2, 1, 1, 1)
    first, second = {
        "identical": (ones, ones),
        "opposite": (ones, -ones),
        "one patch": (ones[:1, :, :1, :1, :1], ones[:1, :, :1, :1, :1]),
        "zero": (torch.zeros_like(ones), torch.zeros_like(ones)),
        "wrong and certain": (axis, axis.flip(0)),  # P of a negative rounds to 1
    }[case]
    loss_and_gradients(PatchDiscriminationLoss(), first, second, bfloat16=bfloat16)


@pytest.mark.parametrize("bfloat16", [False, True])
def test_a_whole_iteration_is_finite(bfloat16: bool) -> None:
    first, second = (x.float() for x in random_patches(6, 16, 4))  # 768 rows, as in the paper
    loss_and_gradients(PatchDiscriminationLoss(), first, second, bfloat16=bfloat16)


def test_shapes_that_differ_raise() -> None:
    with pytest.raises(ValueError, match="shape"):
        PatchDiscriminationLoss()(torch.ones(2, 4, 2, 2, 2), torch.ones(1, 4, 2, 2, 2))


@pytest.mark.parametrize("shape", [(1, 3, 8, 8, 8), (2, 2, 4, 4, 4), (2, 5, 8, 4, 12)])
def test_patch_embeddings_match_the_slow_reference(shape: tuple[int, ...]) -> None:
    embedding = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    patches = patch_embeddings(embedding)
    assert patches.shape == (*shape[:2], 4, 4, 4)
    d, h, w = (side // 4 for side in shape[2:])
    for n in range(shape[0]):
        for cell in [(a, b, c) for a in range(4) for b in range(4) for c in range(4)]:
            a, b, c = cell
            voxels = embedding[n, :, a * d : (a + 1) * d, b * h : (b + 1) * h, c * w : (c + 1) * w]  # (K, d, h, w)
            mean = voxels.reshape(shape[1], -1).sum(dim=1) / (d * h * w)  # (K,)
            torch.testing.assert_close(patches[n, :, a, b, c], mean / mean.norm())


@pytest.mark.parametrize("bfloat16", [False, True])
def test_patch_embeddings_have_unit_length_and_finite_gradients(bfloat16: bool) -> None:
    def loss(embedding: Tensor) -> Tensor:
        patches = patch_embeddings(embedding, grid=2)
        assert patches.dtype == torch.float32
        return patches.pow(3).sum()

    embedding = torch.randn(2, 4, 4, 4, 4)
    torch.testing.assert_close(patch_embeddings(embedding, 2).norm(dim=1), torch.ones(2, 2, 2, 2))
    loss_and_gradients(loss, embedding, bfloat16=bfloat16)
    loss_and_gradients(loss, torch.zeros(2, 4, 4, 4, 4), bfloat16=bfloat16)


def test_flatten_patches_gives_one_row_per_patch() -> None:
    patches = torch.randn(2, 3, 2, 2, 2)
    torch.testing.assert_close(flatten_patches(patches), torch.stack(rows_of(patches)))


@pytest.mark.parametrize("size", [(1, 2, 1), (3, 4, 2)])
def test_mixup_targets_match_the_slow_reference(size: tuple[int, int, int]) -> None:
    first, second = random_patches(*size)
    weight = torch.linspace(0.2, 0.8, size[0], dtype=torch.float64)
    targets = mixup_targets(first, second, weight)
    for n in range(size[0]):
        for target, p1, p2 in zip(*(rows_of(x[n : n + 1]) for x in (targets, first, second))):
            mixed = weight[n] * p1 + (1 - weight[n]) * p2
            torch.testing.assert_close(target, mixed / math.sqrt(sum(value**2 for value in mixed.tolist())))


def test_mixup_targets_at_the_ends_and_without_gradient() -> None:
    first, second = (x.requires_grad_() for x in random_patches(2, 4, 2))
    targets = mixup_targets(first, second, torch.tensor([1.0, 0.0], dtype=torch.float64))
    torch.testing.assert_close(targets, torch.stack([first[0], second[1]]))
    assert not targets.requires_grad
