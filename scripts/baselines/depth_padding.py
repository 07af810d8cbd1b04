"""3D convolutions whose gradients are right in bfloat16 on a processor, however few slices there are."""

from __future__ import annotations

from typing import TypeVar

from torch import Tensor, nn
from torch.nn import functional as F

Network = TypeVar("Network", bound=nn.Module)


class DepthPaddedConv3d(nn.Conv3d):
    """nn.Conv3d that pads the depth itself, with zeros.

    Where the depth is smaller than the kernel, torch's bfloat16 convolution on a processor (2.13, AVX512_BF16) is right
    in the forward pass, but gives the kernel a gradient of up to 1e38 or NaN. The deepest level of a V-Net on crops of
    48^3, for example, has a depth of 3 and kernels of side 5.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, D, H, W) -> (B, out, D', H', W'), as nn.Conv3d."""
        depth, height, width = int(self.padding[0]), int(self.padding[1]), int(self.padding[2])
        x = F.pad(x, [0, 0, 0, 0, depth, depth])
        return F.conv3d(x, self.weight, self.bias, self.stride, (0, height, width), self.dilation, self.groups)


def with_padded_depth(network: Network) -> Network:
    """Replace every nn.Conv3d that pads by a DepthPaddedConv3d; the network is changed and returned."""
    for name, child in list(network.named_children()):
        if type(child) is nn.Conv3d and child.padding != (0, 0, 0):
            sides = (child.kernel_size, child.stride, child.padding)
            bias = child.bias is not None
            padded = DepthPaddedConv3d(child.in_channels, child.out_channels, *sides, bias=bias)  # type: ignore[arg-type]
            padded.load_state_dict(child.state_dict())
            setattr(network, name, padded)
        else:
            with_padded_depth(child)
    return network
