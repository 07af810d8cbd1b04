"""The supervised networks that 3D-SLD is compared with, by name."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from monai.networks.nets import DynUNet
from torch import Tensor, nn

from ..networks.vessel_unet import VesselSegmenter
from .cross_hair import with_cross_hair_filters
from .deep_vessel_net import DeepVesselNetFCN
from .depth_padding import with_padded_depth
from .vnet import VNet

BASELINES = (
    "unet",
    "vnet",
    "dsn",
    "deepvesselnet_fcn",
    "deepvesselnet_unet",
    "deepvesselnet_vnet",
    "mips_1",
    "mips_2",
    "mips_3",
)


class VesselProbability(nn.Module):
    """A network of logits, made to give probabilities, in single precision so that they do not round to 1."""

    def __init__(self, logits: nn.Module) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, x: Tensor) -> Tensor:
        """Scan (B, 1, D, H, W) -> vessel probability, of the shape of the logits."""
        return torch.sigmoid(self.logits(x).float())


def baseline_network(model: str, channels: Sequence[int]) -> nn.Module:
    """Network of one of `BASELINES`: scan (B, 1, D, H, W), sides multiples of 16 and at least 32 -> vessel probability.

    `unet` is the backbone of 3D-SLD with plain blocks, and so are `mips_1` to `mips_3`, which differ in their loss. In
    training the deeply supervised `dsn` (MONAI's DynUNet, two more outputs) gives (B, 3, 1, D, H, W), the last output
    first.

    Args:
        model: one of `BASELINES`.
        channels: widths of the five levels; `deepvesselnet_fcn` has its own.

    Raises:
        ValueError: an unknown model.
    """
    if model not in BASELINES:
        raise ValueError(f"model '{model}' is unknown; choose one of {', '.join(BASELINES)}.")
    if model == "vnet":
        return VesselProbability(VNet(channels))
    if model == "dsn":
        return VesselProbability(deeply_supervised_network(channels))
    if model == "deepvesselnet_fcn":
        return VesselProbability(DeepVesselNetFCN())
    if model == "deepvesselnet_vnet":
        return VesselProbability(with_cross_hair_filters(VNet(channels)))
    unet = VesselSegmenter(channels, oriented=False, cluster_activation="softmax")
    return with_cross_hair_filters(unet) if model == "deepvesselnet_unet" else unet


def deeply_supervised_network(channels: Sequence[int]) -> nn.Module:
    """3D network with outputs at full, half and quarter resolution (after Dou et al., MICCAI 2016)."""
    levels = len(channels)
    network = DynUNet(
        spatial_dims=3,
        in_channels=1,
        out_channels=1,
        kernel_size=[3] * levels,
        strides=[1] + [2] * (levels - 1),
        upsample_kernel_size=[2] * (levels - 1),
        filters=list(channels),
        norm_name="batch",
        deep_supervision=True,
        deep_supr_num=2,
    )
    return with_padded_depth(network)
