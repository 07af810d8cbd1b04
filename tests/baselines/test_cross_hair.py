import pytest
import torch
from torch import nn
from torch.nn import functional as F

from scripts.baselines.cross_hair import CrossHairConv3d, with_cross_hair_filters
from scripts.networks.vessel_unet import VesselSegmenter


@pytest.mark.parametrize("side", [1, 3, 5])
@pytest.mark.parametrize("shape", [(5, 6, 7), (1, 4, 3)])
def test_three_planes_are_one_kernel_with_nothing_off_them(shape: tuple[int, int, int], side: int) -> None:
    torch.manual_seed(0)
    filters = CrossHairConv3d(2, 3, side)
    centre = side // 2
    kernel = torch.zeros(3, 2, side, side, side)
    for output in range(3):
        for channel in range(2):
            for i in range(side):
                for j in range(side):
                    kernel[output, channel, i, j, centre] += filters.axial.weight[output, channel, i, j, 0]
                    kernel[output, channel, i, centre, j] += filters.coronal.weight[output, channel, i, 0, j]
                    kernel[output, channel, centre, i, j] += filters.sagittal.weight[output, channel, 0, i, j]
    x = torch.randn(2, 2, *shape)
    torch.testing.assert_close(filters(x), F.conv3d(x, kernel, filters.axial.bias, padding=centre))


def test_without_bias_zero_stays_zero() -> None:
    assert not CrossHairConv3d(1, 2, 3, bias=False)(torch.zeros(1, 1, 4, 4, 4)).any()
    assert CrossHairConv3d(1, 2, 3)(torch.zeros(1, 1, 4, 4, 4)).any()


def test_an_even_side_raises() -> None:
    with pytest.raises(ValueError, match="odd"):
        CrossHairConv3d(1, 1, 4)


def test_every_convolution_but_those_of_side_1_or_with_stride_is_replaced() -> None:
    network = nn.Sequential(
        nn.Conv3d(1, 2, 5, padding=2, bias=False),
        nn.Sequential(nn.Conv3d(2, 4, 2, stride=2), nn.BatchNorm3d(4)),
        nn.ConvTranspose3d(4, 2, 2, stride=2),
        nn.Conv3d(2, 1, 1),
    )
    changed = with_cross_hair_filters(network)
    assert changed is network
    assert isinstance(network[0], CrossHairConv3d) and network[0].axial.bias is None
    assert [type(layer) for layer in network[1:]] == [nn.Sequential, nn.ConvTranspose3d, nn.Conv3d]
    assert type(network[1][0]) is nn.Conv3d


def test_blocks_of_the_u_net_keep_normalisation_and_activation() -> None:
    torch.manual_seed(0)
    plain = VesselSegmenter((2, 2, 4, 4, 4), oriented=False)
    crossed = with_cross_hair_filters(VesselSegmenter((2, 2, 4, 4, 4), oriented=False))
    # A kernel that holds only the axial plane is its own cross-hair filter.
    for block, twin in zip([*plain.encoder, *plain.decoder], [*crossed.encoder, *crossed.decoder]):
        for convolution, filters in ((block.conv1, twin[0]), (block.conv2, twin[3])):
            convolution.weight.data[..., (0, 2)] = 0
            filters.axial.weight.data = convolution.weight.data[..., 1:2].clone()
            nn.init.zeros_(filters.coronal.weight)
            nn.init.zeros_(filters.sagittal.weight)
    x = torch.rand(2, 1, 32, 32, 32)
    torch.testing.assert_close(crossed.features(x), plain.features(x), rtol=1e-4, atol=1e-5)
