"""DeepVesselNet-FCN: a small network of cross-hair filters that never samples down (Tetteh et al. 2020)."""

from __future__ import annotations

from torch import nn

from .cross_hair import CrossHairConv3d

LAYERS = ((5, 3), (10, 5), (20, 5), (50, 3))  # channels and kernel's side, as published


class DeepVesselNetFCN(nn.Sequential):
    """Four cross-hair layers with tanh and a 1x1x1 convolution. `forward`: scan (B, 1, D, H, W) -> logits, same shape.

    Its widths are the published ones, whatever those of the other networks. It sees the 13^3 voxels around each voxel.
    """

    def __init__(self) -> None:
        layers: list[nn.Module] = []
        inputs = 1
        for outputs, side in LAYERS:
            layers += [CrossHairConv3d(inputs, outputs, side), nn.Tanh()]
            inputs = outputs
        super().__init__(*layers, nn.Conv3d(inputs, 1, kernel_size=1))
