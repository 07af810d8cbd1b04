"""Patch discrimination L_3dPd and hypersphere mixup L_3dHm, both instance discrimination of patch embeddings."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .gather import gather

MAX_LOG_PROBABILITY = -1e-6  # keeps log(1 - P) and its gradient finite where P rounds to 1


def patch_embeddings(embedding: Tensor, grid: int = 4) -> Tensor:
    """Average the voxel embeddings over a `grid`^3 lattice of cells and l2-normalise the means.

    Args:
        embedding: (B, K, D, H, W), sides at least `grid`.

    Returns:
        (B, K, grid, grid, grid)
    """
    return F.normalize(F.adaptive_avg_pool3d(embedding.float(), grid), dim=1)


def flatten_patches(patches: Tensor) -> Tensor:
    """(B, K, g, g, g) -> one row per patch, (B * g^3, K)."""
    return patches.flatten(2).transpose(1, 2).flatten(0, 1)


def mixup_targets(first: Tensor, second: Tensor, weight: Tensor) -> Tensor:
    """Patch embeddings that l x_1 + (1 - l) x_2 should have: l2norm(l p_1 + (1 - l) p_2), without gradient.

    Args:
        first, second: patch embeddings p_1, p_2 of the mixed images, (M, K, g, g, g).
        weight: l, (M,).
    """
    weight = weight.view(-1, 1, 1, 1, 1)
    return F.normalize(weight * first + (1 - weight) * second, dim=1).detach()


class PatchDiscriminationLoss(nn.Module):
    """Instance discrimination (Ye et al., CVPR 2019) over 2N rows, row i and row N + i being each other's positive.

    With P(j|i) = exp(p_i.p_j / T) / sum_{k != i} exp(p_i.p_k / T) and i' the positive of i,
    L = -(1/2N) sum_i [log P(i'|i) + sum_{j != i, i'} log(1 - P(j|i))]. The second factor of every product carries no
    gradient. L_3dPd takes the patches of the two views, L_3dHm those of the mixup images and their targets.

    Args:
        temperature: T.

    Example:
        >>> patches = patch_embeddings(torch.randn(2, 8, 32, 32, 32))
        >>> PatchDiscriminationLoss()(patches, patches) < PatchDiscriminationLoss()(patches, patches.flip(2))
        tensor(True)
    """

    def __init__(self, temperature: float = 0.1) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Scalar loss of patch embeddings `first`, `second` (B, K, g, g, g), cell by cell each other's positive.

        Raises:
            ValueError: the shapes differ.
        """
        if first.shape != second.shape:
            raise ValueError(f"the two sets of patches differ in shape: {tuple(first.shape)}, {tuple(second.shape)}.")
        rows = torch.cat([flatten_patches(gather(first)), flatten_patches(gather(second))]).float()  # (2N, K)
        with torch.autocast(rows.device.type, enabled=False):
            similarity = rows @ rows.detach().T / self.temperature  # (2N, 2N)
        index = torch.arange(len(rows), device=rows.device)
        positive = index.roll(len(rows) // 2)
        similarity = similarity.masked_fill(torch.eye(len(rows), dtype=torch.bool, device=rows.device), -torch.inf)
        log_p = similarity.log_softmax(dim=1)  # (2N, 2N), the diagonal -inf
        negatives = torch.log(-torch.expm1(log_p.clamp(max=MAX_LOG_PROBABILITY)))  # log(1 - P), 0 on the diagonal
        negatives = negatives.sum(dim=1) - negatives[index, positive]
        return -(log_p[index, positive] + negatives).mean()
