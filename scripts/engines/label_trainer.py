"""Training on labels: for synthetic vessels, for self-training and for the baselines."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from .weighted_loss_trainer import WeightedLossTrainer


class LabelTrainer(WeightedLossTrainer):
    """One loss between the network's answer and the label.

    Its items are those of LabelledCropDataset, SyntheticVesselDataset, PseudoLabelDataset or HeadCropDataset.

    Its `loss_function` takes the network's answer and the label, and the label's weight where the items hold one
    (B, 1, S, S, S).
    """

    def predict(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return {**batch, "pred": self.inferer(batch["image"], self.network)}

    def loss_terms(self, batch: dict[str, Tensor], output: dict[str, Tensor]) -> dict[str, Tensor]:
        weight = [output["label_weight"]] if "label_weight" in output else []
        return {"supervision": self.loss_function(output["pred"], output["label"], *weight)}

    def after_step(self, batch: dict[str, Tensor], output: dict[str, Any]) -> None:
        output["terms"]["vessel_fraction"] = output["pred"].detach().mean().item()
        output["terms"]["label_fraction"] = output["label"].mean().item()
