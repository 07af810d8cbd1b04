"""Cross-hair filters: three orthogonal 2D convolutions in place of a 3D one (Tetteh et al. 2020)."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from ..networks.oriented_block import OrientedBlock
from ..networks.upsampled_convolution import joined
from .depth_padding import DepthPaddedConv3d, Network


class CrossHairConv3d(nn.Module):
    """The sum of three 2D convolutions, one in each of the planes of the volume; sides stay as they are.

    Source: Tetteh et al., DeepVesselNet, Frontiers in Neuroscience 2020.

    Args:
        in_channels, out_channels: of the features.
        kernel_size: side of the three kernels, odd.
        bias: add one to the sum.

    Raises:
        ValueError: an even side.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, bias: bool = True) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f"a cross-hair filter has an odd side, got {kernel_size}.")
        k, p = kernel_size, kernel_size // 2
        self.axial = DepthPaddedConv3d(in_channels, out_channels, (k, k, 1), padding=(p, p, 0), bias=bias)
        self.coronal = DepthPaddedConv3d(in_channels, out_channels, (k, 1, k), padding=(p, 0, p), bias=False)
        self.sagittal = nn.Conv3d(in_channels, out_channels, (1, k, k), padding=(0, p, p), bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, D, H, W) -> (B, out, D, H, W)."""
        return self.axial(x) + self.coronal(x) + self.sagittal(x)


class PlainBlock(nn.Sequential):
    """An OrientedBlock without orientations, whose convolutions may be of any kind."""

    def decode(self, deep: Tensor, skip: Tensor) -> Tensor:
        """The block of `deep`, up-sampled to twice its size, and `skip`, (B, ., D, H, W)."""
        return self(joined(deep, skip))


def with_cross_hair_filters(network: Network) -> Network:
    """Replace every 3D convolution of the network by a CrossHairConv3d; the network is changed and returned.

    Convolutions with stride, which sample down, and those of side 1 stay. An OrientedBlock becomes a PlainBlock.
    """
    for name, child in list(network.named_children()):
        if isinstance(child, OrientedBlock):
            relu = nn.ReLU(inplace=True)
            child = PlainBlock(child.conv1, child.norm1, relu, child.conv2, child.norm2, relu)
            setattr(network, name, child)
        if not isinstance(child, nn.Conv3d):
            with_cross_hair_filters(child)
        elif child.stride == (1, 1, 1) and child.kernel_size != (1, 1, 1):
            side = cast(int, child.kernel_size[0])
            setattr(network, name, CrossHairConv3d(child.in_channels, child.out_channels, side, child.bias is not None))
    return network
