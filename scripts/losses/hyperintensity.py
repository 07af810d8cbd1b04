"""A hint where the vessel cluster starts: blood flowing in is bright in TOF-MRA. Not in the paper."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from .bounded import bounded

POSITIVE_WEIGHT = 5.0  # bright voxels are few; much more than this makes vessels too thick


class HyperintensityHint(nn.Module):
    """Weighted cross-entropy of m^t and h = [x > threshold].

    The mean over voxels of -[5 h log m + (1 - h) log(1 - m)]. The discriminator judges projections; while the vessel
    cluster is the same everywhere its judgement says nothing about where vessels are, and a short training ends with
    an empty or a flooded cluster. Faded out early, the hint only decides which cluster the discriminator begins with.
    Dice would hardly do: its gradient per voxel is too small beside the other terms' while m is flat.

    Args:
        threshold: normalised intensity, 1 + (x - median) / (5 sigma) of the brain: 1.7 is 3.5 sigma above tissue.
        margin: voxels; what is nearer to the edge of the brain mask is not bright for h: the venous sinuses and the
            meningeal arteries lie there, arteries of the brain hardly.
    """

    def __init__(self, threshold: float = 1.7, margin: int = 0) -> None:
        super().__init__()
        self.threshold = threshold
        self.margin = margin

    def forward(self, vessels: Tensor, image: Tensor) -> Tensor:
        """Scalar loss of the vessel cluster m^t and the normalised crop x, both (B, 1, D, H, W).

        x is the crop before its intensities were augmented: scaled by a tenth, tissue would pass for blood.
        """
        bright = (image > self.threshold).float()
        outside = (image == 0).float()
        for _ in range(self.margin):
            outside = F.max_pool3d(outside, kernel_size=3, stride=1, padding=1)
        bright = bright * (1 - outside)
        m = bounded(vessels)
        return -(POSITIVE_WEIGHT * bright * m.log() + (1 - bright) * (1 - m).log()).mean()
