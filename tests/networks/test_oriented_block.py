import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from scripts.networks import oriented_block
from scripts.networks.orientation import ORIENTATIONS, Orientation, apply, invert
from scripts.networks.oriented_block import OrientedBlock


def block_with_statistics(oriented: bool = True) -> OrientedBlock:
    """A block whose normalisation is not the identity."""
    torch.manual_seed(0)
    block = OrientedBlock(2, 3, oriented)
    for norm in (block.norm1, block.norm2):
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.uniform_(norm.bias, -0.5, 0.5)
        norm.running_mean.uniform_(-0.2, 0.2)
        norm.running_var.uniform_(0.5, 1.5)
    return block


def convolutions(block: OrientedBlock, x: Tensor) -> Tensor:
    """The two convolutions of a block, as written in a textbook."""
    for convolution, norm in ((block.conv1, block.norm1), (block.conv2, block.norm2)):
        x = F.conv3d(x, convolution.weight, padding=1)
        x = F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias, training=block.training)
        x = F.relu(x)
    return x


@pytest.mark.parametrize("orientation", ORIENTATIONS, ids=lambda o: f"{o.permutation}{o.flips}")
def test_block_in_training_turns_the_features_convolves_and_turns_back(
    orientation: Orientation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oriented_block, "draw_orientation", lambda: orientation)
    block = block_with_statistics().train()
    reference = block_with_statistics().train()
    x = torch.randn(2, 2, 3, 4, 6)
    expected = invert(convolutions(reference, apply(x, orientation)), orientation)
    torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(block.norm2.running_mean, reference.norm2.running_mean)


def test_block_in_training_gives_its_weights_the_gradient_of_the_turned_features(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orientation = Orientation((2, 0, 1), (True, False, True))
    monkeypatch.setattr(oriented_block, "draw_orientation", lambda: orientation)
    block, reference = block_with_statistics().train(), block_with_statistics().train()
    x, factor = torch.randn(2, 2, 3, 4, 6), torch.randn(2, 3, 3, 4, 6)
    (block(x) * factor).sum().backward()
    (invert(convolutions(reference, apply(x, orientation)), orientation) * factor).sum().backward()
    for ours, theirs in zip(block.parameters(), reference.parameters()):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-4)


def test_block_draws_anew_in_every_forward_pass_of_training_from_torchs_generator() -> None:
    block = block_with_statistics().train()
    x = torch.randn(1, 2, 4, 4, 4)
    torch.manual_seed(0)
    answers = [block(x) for _ in range(10)]
    assert len({tuple(answer.flatten().tolist()) for answer in answers}) > 5
    torch.manual_seed(0)
    assert all(torch.equal(block(x), answer) for answer in answers)


def test_block_in_evaluation_is_a_plain_block() -> None:
    block, plain = block_with_statistics().eval(), block_with_statistics(oriented=False).eval()
    x = torch.randn(2, 2, 3, 4, 6)
    assert torch.equal(block(x), block(x))
    assert torch.equal(block(x), plain(x))
    torch.testing.assert_close(block(x), convolutions(block, x))


def test_unoriented_block_in_training_is_a_plain_block() -> None:
    block = block_with_statistics(oriented=False).train()
    x = torch.randn(2, 2, 3, 4, 6)
    answers = [block(x) for _ in range(5)]
    assert all(torch.equal(answer, answers[0]) for answer in answers)
    torch.testing.assert_close(answers[0], convolutions(block, x))


def test_both_convolutions_of_a_pass_are_turned_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter(ORIENTATIONS[1:])
    monkeypatch.setattr(oriented_block, "draw_orientation", lambda: next(draws))
    block, reference = block_with_statistics().train(), block_with_statistics().train()
    x = torch.randn(2, 2, 3, 4, 6)
    expected = invert(convolutions(reference, apply(x, ORIENTATIONS[1])), ORIENTATIONS[1])
    torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("oriented", [True, False])
@pytest.mark.parametrize("sides", [(2, 2, 2), (2, 4, 3), (3, 2, 2), (1, 2, 4), (6, 4, 4)])
def test_gradients_in_bfloat16_are_like_those_in_single_precision(sides: tuple[int, ...], oriented: bool) -> None:
    torch.manual_seed(0)
    block = OrientedBlock(16, 16, oriented)
    x, factor = torch.randn(2, 4, 16, *sides)
    gradients = []
    for bfloat16 in (False, True):
        torch.manual_seed(1)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            y = block(x)
        kernels = (block.conv1.weight, block.conv2.weight)
        gradients.append(torch.autograd.grad((y.float() * factor).sum(), kernels))
    for exact, rounded in zip(*gradients):
        assert (rounded - exact).norm() < 0.1 * exact.norm()


@pytest.mark.parametrize("training", [False, True])
def test_decoding_is_the_block_of_the_enlarged_features_beside_the_skipped_ones(
    training: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oriented_block, "draw_orientation", lambda: Orientation((0, 1, 2), (False, False, False)))
    torch.manual_seed(0)
    block = OrientedBlock(5, 3).train(training)
    deep, skip = torch.randn(2, 3, 2, 3, 4), torch.randn(2, 2, 4, 6, 8)
    enlarged = deep.repeat_interleave(2, 2).repeat_interleave(2, 3).repeat_interleave(2, 4)
    expected = convolutions(block, torch.cat([enlarged, skip], dim=1))
    torch.testing.assert_close(block.decode(deep, skip), expected, rtol=1e-4, atol=1e-5)
