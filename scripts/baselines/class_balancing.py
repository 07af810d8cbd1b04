"""Class-balancing cross-entropy with false-positive correction, the loss of DeepVesselNet."""

from __future__ import annotations

from torch import Tensor, nn

from ..losses.clamp_probability import clamp_probability


class ClassBalancingLoss(nn.Module):
    """L_1 + L_2 of Tetteh et al., DeepVesselNet, Frontiers in Neuroscience 2020.

    With Y+ the vessel voxels, Y- the others, F+ the false positives (p > 1/2 in Y-) and F- the false negatives:
    L_1 = -1/|Y+| sum_{Y+} log p - 1/|Y-| sum_{Y-} log(1 - p), so that both classes count alike, and
    L_2 = -g_1/|Y+| sum_{F+} log(1 - p) - g_2/|Y-| sum_{F-} log p, which makes false positives count, few beside Y- but
    many beside Y+; g_1 = 1/2 + mean_{F+} |p - 1/2|, g_2 likewise over F-. They carry no gradient. A class without a
    voxel counts as one voxel.

    Example:
        >>> label = torch.ones(1, 1, 4, 4, 4)
        >>> ClassBalancingLoss()(0.5 * label, label)  # log 2
        tensor(0.6931)
    """

    def forward(self, prediction: Tensor, label: Tensor) -> Tensor:
        """Scalar loss of vessel probability p and label, both (B, 1, D, H, W), over the whole batch."""
        p = clamp_probability(prediction)
        vessel = label > 0.5
        return _per_class(p, vessel) + _per_class(1 - p, ~vessel)


def _per_class(p: Tensor, members: Tensor) -> Tensor:
    """The two terms divided by the number of the class's members: -log p of these, -g log(1 - p) of false members."""
    false = ~members & (p > 0.5)
    excess = ((p.detach() - 0.5) * false).sum() / false.sum().clamp(min=1)  # mean of |p - 1/2|
    missed = -(p.log() * members).sum()
    wrongly_taken = -((1 - p).log() * false).sum()
    return (missed + (0.5 + excess) * wrongly_taken) / members.sum().clamp(min=1)
