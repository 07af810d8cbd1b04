import pytest
import torch
from torch import nn

from scripts.baselines.depth_padding import DepthPaddedConv3d, with_padded_depth


@pytest.mark.parametrize("shape", [(1, 4, 5), (2, 6, 4), (7, 3, 3)])
@pytest.mark.parametrize(("side", "padding"), [(3, 1), (5, 2), ((5, 1, 5), (2, 0, 2))])
def test_it_is_the_convolution_it_replaces(shape, side, padding) -> None:
    torch.manual_seed(0)
    plain = nn.Conv3d(2, 3, side, padding=padding)
    padded = DepthPaddedConv3d(2, 3, side, padding=padding)
    padded.load_state_dict(plain.state_dict())
    x = torch.randn(2, 2, *shape)
    torch.testing.assert_close(padded(x), plain(x))


@pytest.mark.parametrize("side", [3, 5])
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 6])
def test_gradients_in_bfloat16_are_those_in_single_precision(depth: int, side: int) -> None:
    torch.manual_seed(0)
    convolution = DepthPaddedConv3d(16, 16, side, padding=side // 2)
    x, factor = torch.randn(2, 2, 16, depth, 4, 4)
    gradients = []
    for bfloat16 in (False, True):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            y = convolution(x)
        gradients.append(torch.autograd.grad((y.float() * factor).sum(), convolution.weight)[0])
    exact, rounded = gradients
    assert (rounded - exact).abs().max() < 0.02 * exact.abs().max()


def test_only_convolutions_that_pad_are_replaced_and_keep_their_weights() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv3d(1, 2, 3, padding=1, bias=False), nn.Sequential(nn.Conv3d(2, 2, 2, stride=2)))
    weights = {key: value.clone() for key, value in network.state_dict().items()}
    assert with_padded_depth(network) is network
    assert type(network[0]) is DepthPaddedConv3d and type(network[1][0]) is nn.Conv3d
    assert network.state_dict().keys() == weights.keys()
    assert all(torch.equal(value, weights[key]) for key, value in network.state_dict().items())
