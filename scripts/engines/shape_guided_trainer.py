"""Stage 2: shape-guided local discrimination (Eq. 16)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from ..losses.adversarial import adversarial_loss, discriminator_loss
from ..losses.entropy import EntropyLoss
from ..losses.projections import maximum_intensity_projections
from ..losses.region_discrimination import RegionDiscriminationLoss
from ..losses.temporal_consistency import TemporalConsistencyLoss
from ..losses.weighted_cross_entropy import WeightedCrossEntropyLoss
from ..networks.orientation import apply_each
from .pretrainer import Pretrainer


class ShapeGuidedTrainer(Pretrainer):
    """L = L_3dPd + L_3dHm + 10 L_3drd + L_adv + lambda_i L_con + 0.1 L_e, and the discriminator's step after it.

    Where the items hold a `label` and its `label_weight` (see ViewDataset), the term `synthetic_vessels` is added: the
    weighted cross-entropy of the vessel cluster, which is not in the paper.

    Args:
        discriminator, discriminator_optimizer: d, logits of images (B, 1, H, W).
        ema: f_e, the moving average; returns the vessel cluster (B, 1, D, H, W).
        consistency_slope, consistency_max: lambda_i = min(slope x i / I, max) (Eq. 18), I iterations per epoch.
        region_temperature: tau of L_3drd.
        start_iterations: iterations in which the weight of the term `synthetic_vessels` falls to exactly 0 while those
            of L_adv and L_con rise from 0 to their own; None: all keep their own from the first iteration.
    """

    def __init__(
        self,
        *,
        discriminator: nn.Module,
        discriminator_optimizer: Optimizer,
        ema: AveragedModel,
        consistency_slope: float = 4.0,
        consistency_max: float = 10.0,
        region_temperature: float = 0.2,
        start_iterations: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.discriminator = discriminator
        self.discriminator_optimizer = discriminator_optimizer
        self.ema = ema
        self.consistency_slope = consistency_slope
        self.consistency_max = consistency_max
        self.region = RegionDiscriminationLoss(region_temperature)
        self.consistency = TemporalConsistencyLoss()
        self.entropy = EntropyLoss()
        self.start_iterations = start_iterations
        self.cross_entropy = WeightedCrossEntropyLoss()

    def weights(self, iteration: int) -> dict[str, float]:
        ramp = min(self.consistency_slope * iteration / self.state.epoch_length, self.consistency_max)
        weights = {**self.loss_weights, "consistency": ramp}
        if self.start_iterations is not None:
            risen = min(iteration / self.start_iterations, 1.0)
            for name, share in (("synthetic_vessels", 1 - risen), ("adversarial", risen), ("consistency", risen)):
                weights[name] = share * weights.get(name, 1.0)
        return weights

    def predict(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        output = super().predict(batch)
        crops = 2 * len(batch["first"])  # L_3drd, L_adv, L_con and L_e leave the mixup images out
        output["vessels"] = output["pred"][:crops, :1]  # m^t, (2 B, 1, S, S, S)
        with torch.no_grad():
            output["teacher"] = self.ema(output["image"][:crops]).contiguous()  # m*^t alone, (2 B, 1, S, S, S)
        output["projection"] = torch.cat(maximum_intensity_projections(output["vessels"]))  # (6 B, 1, S, S)
        return output

    def loss_terms(self, batch: dict[str, Tensor], output: dict[str, Tensor]) -> dict[str, Tensor]:
        crops = len(output["vessels"])
        terms = {
            **super().loss_terms(batch, output),
            "region_discrimination": self.region(output["embedding"][:crops], output["pred"][:crops]),
            "adversarial": adversarial_loss(self.discriminator(output["projection"])),
            "consistency": self.consistency(output["vessels"], output["teacher"]),
            "entropy": self.entropy(output["pred"][:crops]),
        }
        if "label" in batch:
            label, weight = (  # of both views, (2 B, 1, S, S, S)
                torch.cat([batch[key], apply_each(batch[key], batch["orientation"])])
                for key in ("label", "label_weight")
            )
            terms["synthetic_vessels"] = self.cross_entropy(output["vessels"], label, weight)
        return terms

    def after_step(self, batch: dict[str, Tensor], output: dict[str, Any]) -> None:
        """One step of the discriminator on the references and the projections of this iteration."""
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        images = torch.cat([batch["reference"], output["projection"].detach()])  # (R + 6 B, 1, S, S)
        references, projections = self.discriminator(images).split([len(batch["reference"]), len(output["projection"])])
        loss = discriminator_loss(references, projections)
        loss.backward()
        self.discriminator_optimizer.step()
        output["terms"] |= {
            "discriminator": loss.item(),
            "accuracy_references": (references > 0).float().mean().item(),
            "accuracy_projections": (projections <= 0).float().mean().item(),
            "vessel_fraction": output["vessels"].detach().mean().item(),
        }
