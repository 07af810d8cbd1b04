"""The 3D U-Net of 3D-SLD with its embedding and clustering heads (paper III-A, IV-B-1)."""

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .orientation import invert, sample

VESSEL_CLUSTER = 0


class OrientedBlock(nn.Module):
    """ori-CNN module (III-A): two 3x3x3 convolutions, each with batch normalisation and ReLU.

    In training every forward pass draws one of the 48 orientations R from torch's global generator and computes
    R^-1(convolutions(R(x))); in evaluation R is the identity. Turning the features, convolving and turning back
    equals convolving with kernels turned back, so no feature map is copied and unequal sides need no care.
    One R is shared by the batch: kernels drawn per sample would need grouped convolutions, half as fast.

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
        orientation = sample()
        return [invert(convolution.weight, orientation) for convolution in (self.conv1, self.conv2)]

    def forward(self, x: Tensor) -> Tensor:
        kernel1, kernel2 = self.conv1.weight, self.conv2.weight
        if self.training and self.oriented:
            kernel1, kernel2 = self.draw_kernels()
        x = F.relu(self.norm1(F.conv3d(x, kernel1, padding=1)), inplace=True)  # (B, out, D, H, W)
        return F.relu(self.norm2(F.conv3d(x, kernel2, padding=1)), inplace=True)  # (B, out, D, H, W)


def head(in_channels: int, out_channels: int, kernel_size: int) -> nn.Sequential:
    """A 3x3x3 convolution with batch normalisation and ReLU, then a last one: (B, in, ...) -> (B, out, ...)."""
    return nn.Sequential(
        nn.Conv3d(in_channels, in_channels, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm3d(in_channels),
        nn.ReLU(inplace=True),
        nn.Conv3d(in_channels, out_channels, kernel_size, padding=kernel_size // 2),
    )


class VesselUNet(nn.Module):
    """Training network: five encoder and four decoder blocks, an embedding head and a clustering head.

    Args:
        channels: widths of the five encoder blocks; the decoder blocks mirror the first four.
        embedding_dim: K, length of a voxel's embedding.
        num_clusters: C; the vessel cluster t is channel 0.
        vessel_prior: probability of the vessel cluster at the start, by the bias of its logit; None leaves the
            uniform 1/C of the paper. Vessels fill less than 1/C, and a channel that starts near-empty keeps the
            discriminator balanced.
        oriented: use ori-CNN modules (ablations A and C: False).
    """

    def __init__(
        self,
        channels: Sequence[int] = (16, 32, 64, 128, 256),
        embedding_dim: int = 16,
        num_clusters: int = 8,
        vessel_prior: float | None = None,
        oriented: bool = True,
    ) -> None:
        super().__init__()
        if len(channels) != 5:
            raise ValueError(f"channels: the U-Net has five encoder blocks, got {len(channels)} widths {channels}.")
        widths = [1, *channels]
        self.encoder = nn.ModuleList(OrientedBlock(i, o, oriented) for i, o in zip(widths[:-1], widths[1:]))
        self.decoder = nn.ModuleList(
            OrientedBlock(deep + skip, skip, oriented) for deep, skip in zip(channels[:0:-1], channels[-2::-1])
        )
        self.embedding_head = head(channels[0], embedding_dim, kernel_size=1)  # 16 channels: a 3x3x3 would cost most
        # 3x3x3: with Adam's bounded steps a 1x1x1 moves the logits so slowly that no cluster forms in a short training
        self.clustering_head = head(channels[0], num_clusters, kernel_size=3)
        if vessel_prior is not None:
            self._set_vessel_prior(vessel_prior, num_clusters)

    def _set_vessel_prior(self, prior: float, num_clusters: int) -> None:
        """Choose the vessel logit's bias b so that sigmoid(b) / (sigmoid(b) + (C - 1) / 2) = prior."""
        greatest = 2 / (num_clusters + 1)  # where sigmoid(b) = 1
        if not 0 < prior < greatest:
            raise ValueError(f"vessel_prior must lie in (0, {greatest:.3f}), got {prior}.")
        sigmoid = 0.5 * (num_clusters - 1) * prior / (1 - prior)
        with torch.no_grad():
            cast(Tensor, self.clustering_head[-1].bias)[VESSEL_CLUSTER] = math.log(sigmoid / (1 - sigmoid))

    def features(self, x: Tensor) -> Tensor:
        """(B, 1, D, H, W), sides multiples of 16 -> (B, channels[0], D, H, W)."""
        skips: list[Tensor] = []
        for depth, block in enumerate(self.encoder):
            if depth > 0:
                x = F.max_pool3d(x, kernel_size=2)
            x = block(x)
            skips.append(x)
        for level, block in enumerate(self.decoder):
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = block(torch.cat([x, skips[3 - level]], dim=1))
        return x

    def clusters(self, features: Tensor) -> Tensor:
        """Cluster probabilities (B, C, D, H, W): sigmoid, then l1-normalised over the clusters."""
        return F.normalize(torch.sigmoid(self.clustering_head(features)), p=1.0, dim=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scan (B, 1, D, H, W) -> unit embeddings (B, K, D, H, W), cluster probabilities (B, C, D, H, W)."""
        features = self.features(x)
        return F.normalize(self.embedding_head(features), dim=1), self.clusters(features)


class VesselSegmenter(VesselUNet):
    """Inference network: the same parameters as `VesselUNet`, but only the vessel cluster is computed and returned."""

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """Scan (B, 1, D, H, W), sides multiples of 16 -> vessel probability (B, 1, D, H, W)."""
        return self.clusters(self.features(x))[:, :1]
