"""A hint where the vessel cluster starts: blood flowing in is bright in TOF-MRA. Not in the paper."""

from __future__ import annotations

from torch import Tensor, nn

from .dice import negative_dice

SOFTNESS = 0.1  # width of the threshold, in units of the normalised intensity (half the tissue's sigma)


class HyperintensityHint(nn.Module):
    """dice(m^t, h) with h = sigmoid((x - threshold) / 0.1) inside the brain, 0 outside.

    The discriminator judges projections; while the vessel cluster is the same everywhere its judgement says nothing
    about where vessels are, and a short training ends with an empty or a flooded cluster. Faded out early, the hint
    only decides which of the clusters the discriminator begins with.

    Args:
        threshold: normalised intensity, 1 + (x - median) / (5 sigma) of the brain: 1.7 is 3.5 sigma above tissue.
    """

    def __init__(self, threshold: float = 1.7) -> None:
        super().__init__()
        self.threshold = threshold

    def forward(self, vessels: Tensor, image: Tensor) -> Tensor:
        """Scalar loss of the vessel cluster m^t and the normalised image x it comes from, both (B, 1, D, H, W)."""
        bright = ((image - self.threshold) / SOFTNESS).sigmoid() * (image != 0)
        return negative_dice([vessels], [bright])
