"""Stage 3: Reliability-Refinement (III-E)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ..losses.reliability import ReliabilityLoss, pseudo_labels
from ..networks.orientation import apply_each, invert_each
from .weighted_loss_trainer import WeightedLossTrainer


class ReliabilityTrainer(WeightedLossTrainer):
    """Learns from the confident predictions of the best network so far, on the items of CropDataset.

    The pseudo label of a crop is computed when the crop is drawn, with the best network at that time. It is never older
    than the last validation, and nothing is stored that an interruption could leave half-written.

    Args:
        best: f', the best network so far, which returns the vessel cluster; the handler BestModel keeps it.
        confidence_threshold: v_c.
        **kwargs: of WeightedLossTrainer; its `network` returns the vessel cluster, its `loss_function` is a
            ReliabilityLoss.
    """

    loss_function: ReliabilityLoss

    def __init__(self, *, best: nn.Module, confidence_threshold: float = 0.9, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.best = best
        self.confidence_threshold = confidence_threshold

    @torch.no_grad()
    def averaged_prediction(self, image: Tensor, orientations: Tensor) -> Tensor:
        """y' (Eq. 13) of crops (B, 1, S, S, S) over their orientations (B, N_e): the same shape as the crops."""
        self.best.eval()
        total = torch.zeros_like(image)
        for drawn in orientations.T:  # (B,)
            total += invert_each(self.best(apply_each(image, drawn)), drawn)
        return total / orientations.shape[1]

    def predict(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        averaged = self.averaged_prediction(batch["image"], batch["orientation"])  # (B, 1, S, S, S)
        label, reliable = pseudo_labels(averaged, self.confidence_threshold)
        vessels = self.inferer(batch["view"], self.network)  # (B, 1, S, S, S)
        return {"image": batch["view"], "pred": vessels, "label": label, "reliable": reliable}

    def loss_terms(self, batch: dict[str, Tensor], output: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"reliability": self.loss_function(output["pred"], output["label"], output["reliable"])}

    def after_step(self, batch: dict[str, Tensor], output: dict[str, Any]) -> None:
        output["terms"] |= {
            "reliable_fraction": output["reliable"].mean().item(),
            "vessel_fraction": output["pred"].detach().mean().item(),
            "pseudo_label_fraction": output["label"].mean().item(),
        }
