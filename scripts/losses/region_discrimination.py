"""Region discrimination L_3drd: a cluster's embedding is alike in all images and unlike the other clusters'."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .gather import gather

EPSILON = 1e-6  # of the mean cluster probability: an empty cluster gets a zero embedding and a bounded gradient
CENTRE_EPSILON = 1e-2  # of a mean of unit vectors; both bounds multiply, and float16 has to hold their product


def region_embeddings(embedding: Tensor, clusters: Tensor) -> Tensor:
    """z_n^c = l2norm(sum_voxels m_n^c v_n) (Eq. 2-3); the sum is taken as a mean, which the norm cancels.

    Args:
        embedding: v, (B, K, D, H, W).
        clusters: m, (B, C, D, H, W).

    Returns:
        (B, C, K)
    """
    v, m = embedding.flatten(2).float(), clusters.flatten(2).float()  # (B, K, V), (B, C, V)
    with torch.autocast(v.device.type, enabled=False):
        z = m @ v.transpose(1, 2) / v.shape[2]  # (B, C, K)
    return F.normalize(z, dim=2, eps=EPSILON)


class RegionDiscriminationLoss(nn.Module):
    """Eq. 5: -(1/NC) sum_n sum_c log softmax_k(z_n^c . zbar^k / tau)[c], zbar^c = l2norm(mean_n z_n^c) (Eq. 4).

    Args:
        temperature: tau.

    Example:
        >>> clusters = torch.full((2, 4, 8, 8, 8), 0.25)
        >>> RegionDiscriminationLoss()(torch.ones(2, 16, 8, 8, 8), clusters)  # four clusters alike: log 4
        tensor(1.3863)
    """

    def __init__(self, temperature: float = 0.2) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, embedding: Tensor, clusters: Tensor) -> Tensor:
        """Scalar loss of embeddings (B, K, D, H, W) and cluster probabilities (B, C, D, H, W)."""
        z = gather(region_embeddings(embedding, clusters))  # (N, C, K)
        centres = F.normalize(z.mean(dim=0), dim=1, eps=CENTRE_EPSILON)  # (C, K)
        logits = z @ centres.T / self.temperature  # (N, C, C)
        target = torch.arange(z.shape[1], device=z.device).expand(z.shape[0], -1)  # (N, C)
        return F.cross_entropy(logits.flatten(0, 1), target.flatten())
