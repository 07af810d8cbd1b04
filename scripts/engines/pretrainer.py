"""Stage 1: patch-discrimination pre-training (Eq. 15)."""

from __future__ import annotations

from torch import Tensor

from ..losses.patch_discrimination import PatchDiscriminationLoss
from .view_batch import network_input, patch_pairs
from .weighted_loss_trainer import WeightedLossTrainer


class Pretrainer(WeightedLossTrainer):
    """L = L_3dPd + L_3dHm of the views, crops and mixup images of one item of ViewDataset.

    Its `loss_function` is a PatchDiscriminationLoss, used for both terms.
    """

    loss_function: PatchDiscriminationLoss

    def predict(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        image = network_input(batch)  # (3 B, 1, S, S, S)
        embedding, clusters = self.inferer(image, self.network)
        return {"image": image, "pred": clusters, "embedding": embedding}

    def loss_terms(self, batch: dict[str, Tensor], output: dict[str, Tensor]) -> dict[str, Tensor]:
        pairs = patch_pairs(output["embedding"], batch)
        return {
            "patch_discrimination": self.loss_function(pairs.first, pairs.second),
            "hypersphere_mixup": self.loss_function(pairs.mixup, pairs.target),
        }
