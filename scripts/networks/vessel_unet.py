"""The 3D U-Net of 3D-SLD with its embedding and clustering heads (paper III-A, IV-B-1)."""

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .oriented_block import OrientedBlock
from .recomputed import RecomputedBlock, recomputed_head

VESSEL_CLUSTER = 0


def head(in_channels: int, width: int, out_channels: int, kernel_size: int) -> nn.Sequential:
    """A 3x3x3 convolution with batch normalisation and ReLU, then a last one: (B, in, ...) -> (B, out, ...)."""
    return nn.Sequential(
        nn.Conv3d(in_channels, width, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm3d(width),
        nn.ReLU(inplace=True),
        nn.Conv3d(width, out_channels, kernel_size, padding=kernel_size // 2),
    )


class VesselUNet(nn.Module):
    """Training network: five encoder and four decoder blocks, an embedding head and a clustering head.

    Args:
        channels: widths of the five encoder blocks; the decoder blocks mirror the first four.
        embedding_dim: K, length of a voxel's embedding.
        num_clusters: C; the vessel cluster t is channel 0.
        vessel_prior: probability of the vessel cluster at the start, by the bias of its logit; None leaves the
            uniform 1/C of the paper. Vessels fill less than 1/C, and a channel that starts nearly empty keeps the
            discriminator balanced.
        oriented: use ori-CNN modules (ablations A and C: False).
        cluster_activation: "sigmoid", l1-normalised over the clusters, as in the paper; or "softmax". A sigmoid near 1
            has no gradient: where a background cluster comes near 1 first, the vessel cluster cannot exceed 1/2.
        head_channels: width of the heads between their two convolutions; None is that of the first block. K-dimensional
            embeddings need K: the rank of the embedding head's last layer is at most its width.
        checkpointing: in training, keep the blocks' outputs alone and compute the rest again in the backward pass: less
            memory, more time, the same gradients.

    Raises:
        ValueError: not five widths, a prior out of range, or an unknown activation.
    """

    def __init__(
        self,
        channels: Sequence[int] = (16, 32, 64, 128, 256),
        embedding_dim: int = 16,
        num_clusters: int = 8,
        vessel_prior: float | None = None,
        oriented: bool = True,
        cluster_activation: str = "sigmoid",
        head_channels: int | None = None,
        checkpointing: bool = False,
    ) -> None:
        super().__init__()
        if cluster_activation not in ("sigmoid", "softmax"):
            raise ValueError(f"cluster_activation must be sigmoid or softmax, got {cluster_activation}.")
        self.softmax = cluster_activation == "softmax"
        if len(channels) != 5:
            raise ValueError(f"channels: the U-Net has five encoder blocks, got {len(channels)} widths {channels}.")
        widths = [1, *channels]
        self.checkpointing = checkpointing
        block = RecomputedBlock if checkpointing else OrientedBlock
        self.encoder = nn.ModuleList(block(i, o, oriented) for i, o in zip(widths[:-1], widths[1:]))
        self.decoder = nn.ModuleList(
            block(deep + skip, skip, oriented) for deep, skip in zip(channels[:0:-1], channels[-2::-1])
        )
        width = head_channels or channels[0]
        self.embedding_head = head(channels[0], width, embedding_dim, kernel_size=1)  # a 3x3x3 would cost most
        # 3x3x3: with Adam's bounded steps a 1x1x1 moves the logits so slowly that no cluster forms in a short training
        self.clustering_head = head(channels[0], width, num_clusters, kernel_size=3)
        if vessel_prior is not None:
            self._set_vessel_prior(vessel_prior, num_clusters)

    def _set_vessel_prior(self, prior: float, num_clusters: int) -> None:
        """Choose the vessel logit's bias b so that the vessel cluster has this probability where all else is 0.

        Sigmoid: sigmoid(b) / (sigmoid(b) + (C - 1) / 2) = prior; softmax: exp(b) / (exp(b) + C - 1) = prior.
        """
        limit = 1.0 if self.softmax else 2 / (num_clusters + 1)
        if not 0 < prior < limit:
            raise ValueError(f"vessel_prior must lie in (0, {limit:.3f}), got {prior}.")
        odds = (num_clusters - 1) * prior / (1 - prior)
        bias = math.log(odds) if self.softmax else math.log(odds / (2 - odds))
        with torch.no_grad():
            cast(Tensor, self.clustering_head[-1].bias)[VESSEL_CLUSTER] = bias

    def features(self, x: Tensor) -> Tensor:
        """(B, 1, D, H, W), sides multiples of 16 -> (B, channels[0], D, H, W)."""
        skips: list[Tensor] = []
        for depth, block in enumerate(self.encoder):
            if depth > 0:
                x = F.max_pool3d(x, kernel_size=2)
            x = block(x)
            skips.append(x)
        for level, block in enumerate(self.decoder):
            x = block.decode(x, skips[3 - level])  # type: ignore[operator]
        return x

    def unit_vectors(self, logits: Tensor) -> Tensor:
        """(B, K, D, H, W) scaled to unit length over K, float32."""
        return F.normalize(logits.float(), dim=1)

    def shares(self, logits: Tensor) -> Tensor:
        """Cluster probabilities (B, C, D, H, W), float32: in bfloat16 a sigmoid above 0.998 would be exactly 1."""
        if self.softmax:
            return torch.softmax(logits.float(), dim=1)
        return F.normalize(torch.sigmoid(logits.float()), p=1.0, dim=1)

    def clusters(self, features: Tensor) -> Tensor:
        """Features -> cluster probabilities (B, C, D, H, W)."""
        if torch.jit.is_scripting() or not self.checkpointing:
            return self.shares(self.clustering_head(features))
        return recomputed_head(self.clustering_head, self.shares, features)

    def embeddings(self, features: Tensor) -> Tensor:
        """Features -> unit embeddings (B, K, D, H, W)."""
        if torch.jit.is_scripting() or not self.checkpointing:
            return self.unit_vectors(self.embedding_head(features))
        return recomputed_head(self.embedding_head, self.unit_vectors, features)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scan (B, 1, D, H, W) -> unit embeddings (B, K, D, H, W), cluster probabilities (B, C, D, H, W)."""
        features = self.features(x)
        return self.embeddings(features), self.clusters(features)


class VesselSegmenter(VesselUNet):
    """Inference network: the same parameters as `VesselUNet`, but only the vessel cluster is computed and returned."""

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """Scan (B, 1, D, H, W), sides multiples of 16 -> vessel probability (B, 1, D, H, W)."""
        return self.clusters(self.features(x))[:, :1]
