"""The ori-CNN module: convolutions in a random orientation (paper III-A)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .orientation import draw_orientation, invert
from .upsampled_convolution import joined, upsampled_conv3d


class OrientedBlock(nn.Module):
    """ori-CNN module (III-A): two 3x3x3 convolutions, each with batch normalisation and ReLU.

    In training every forward pass draws one of the 48 orientations R from torch's global generator and computes
    R^-1(convolutions(R(x))); in evaluation R is the identity. This equals convolving x with kernels to which R^-1 is
    applied, so that no feature map is copied and unequal sides need no special treatment. The whole batch has one R:
    kernels drawn for each sample would need grouped convolutions, which are half as fast.

    Args:
        in_channels, out_channels: of the features.
        oriented: False gives a plain block (the paper's ablations A and C).
    """

    def __init__(self, in_channels: int, out_channels: int, oriented: bool = True) -> None:
        super().__init__()
        self.oriented = oriented
        self.conv1 = nn.Conv3d(in_channels, out_channels, kernel_size=3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm3d(out_channels)
        self.conv2 = nn.Conv3d(out_channels, out_channels, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm3d(out_channels)

    @torch.jit.unused
    def draw_kernels(self) -> list[Tensor]:
        orientation = draw_orientation()
        return [invert(convolution.weight, orientation) for convolution in (self.conv1, self.conv2)]

    def forward(self, x: Tensor) -> Tensor:
        return self.convolutions(x)

    def convolutions(self, x: Tensor) -> Tensor:
        """The block, (B, in, D, H, W) -> (B, out, D, H, W)."""
        kernel1, kernel2 = self.conv1.weight, self.conv2.weight
        if self.training and self.oriented:
            kernel1, kernel2 = self.draw_kernels()
        return self.finish(self.convolve(x, kernel1), kernel2)

    def decode(self, deep: Tensor, skip: Tensor) -> Tensor:
        """The block of `deep`, up-sampled to twice its size, and `skip`, (B, ., D, H, W) -> (B, out, D, H, W).

        In evaluation the two are convolved apart, which is faster and equal but for rounding.
        """
        if self.training:
            return self.convolutions(joined(deep, skip))
        kernel1, width = self.conv1.weight, deep.shape[1]
        x = upsampled_conv3d(deep, kernel1[:, :width]) + F.conv3d(skip, kernel1[:, width:], padding=1)
        return self.finish(x, self.conv2.weight)

    def finish(self, x: Tensor, kernel2: Tensor) -> Tensor:
        """What follows the first convolution, (B, out, D, H, W)."""
        x = F.relu(self.norm1(x), inplace=True)  # (B, out, D, H, W)
        return F.relu(self.norm2(self.convolve(x, kernel2)), inplace=True)  # (B, out, D, H, W)

    def convolve(self, x: Tensor, kernel: Tensor) -> Tensor:
        """3x3x3 convolution, zeros around: (B, in, D, H, W) -> (B, out, D, H, W)."""
        if self.training and x.shape[2] == 2:
            # The deepest level of crops of 32^3. Where torch's bfloat16 convolution on a processor (2.13, AVX512_BF16)
            # has to pad a depth of 2, it gives the kernel a gradient of up to 1e38 or NaN.
            return F.conv3d(F.pad(x, [0, 0, 0, 0, 1, 1]), kernel, padding=[0, 1, 1])
        return F.conv3d(x, kernel, padding=1)
