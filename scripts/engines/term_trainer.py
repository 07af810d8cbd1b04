"""What the three stages' trainers share: a loss of named, weighted terms and draws that follow the iteration."""

from __future__ import annotations

from typing import Any

import torch
from monai.engines import SupervisedTrainer, Workflow
from monai.engines.utils import IterationEvents
from monai.utils.enums import CommonKeys
from torch import Tensor


class TermTrainer(SupervisedTrainer):
    """SupervisedTrainer whose loss is a weighted sum of named terms.

    Torch's generator is seeded from (`seed`, iteration) before every iteration, so that a resumed run draws what an
    uninterrupted one would have and no random state has to be stored. `engine.state.output` holds `loss` and, under
    `terms`, every term by name, detached and before weighting.

    Args:
        seed: of the draws inside the network.
        loss_weights: weight of each term; a term that is not named weighs 1.
        **kwargs: of monai.engines.SupervisedTrainer; its `loss_function` gives nothing here but the terms' module.
    """

    def __init__(self, *, seed: int = 0, loss_weights: dict[str, float] | None = None, **kwargs: Any) -> None:
        super().__init__(decollate=False, **kwargs)
        self.scaler = None
        self.seed = seed
        self.loss_weights = dict(loss_weights or {})

    def run(self) -> None:
        """SupervisedTrainer's, without its scaler of gradients on a processor: bfloat16 needs none."""
        if self.state.device.type == "cuda":
            super().run()
        else:
            Workflow.run(self)

    def predict(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Run the network: named tensors for `loss_terms`, among them `image` and `pred`."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to run its network.")

    def loss_terms(self, batch: dict[str, Tensor], output: dict[str, Tensor]) -> dict[str, Tensor]:
        """Loss terms by name, scalars, unweighted."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its loss is.")

    def weights(self, iteration: int) -> dict[str, float]:
        """Weight of each term at an iteration, counted from 1."""
        return self.loss_weights

    def after_step(self, batch: dict[str, Tensor], output: dict[str, Any]) -> None:
        """What follows the network's step in an iteration, such as the discriminator's."""

    def _iteration(self, engine: TermTrainer, batchdata: dict[str, Tensor]) -> dict[str, Any]:
        iteration = engine.state.iteration
        torch.manual_seed(hash((self.seed, iteration)) % 2**63)
        batch = {
            key: value.to(engine.state.device, non_blocking=engine.non_blocking) for key, value in batchdata.items()
        }
        engine.network.train()
        engine.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(engine.state.device.type, enabled=engine.amp, **engine.amp_kwargs):
            output: dict[str, Any] = self.predict(batch)
            engine.state.output = output
            engine.fire_event(IterationEvents.FORWARD_COMPLETED)
            terms = self.loss_terms(batch, output)
        broken = [name for name, term in terms.items() if not torch.isfinite(term)]
        if broken:
            raise FloatingPointError(
                f"{', '.join(broken)} is not finite at iteration {iteration}. The last checkpoint is whole: go on from "
                "it with a lower learning_rate."
            )
        weights = self.weights(iteration)
        loss = torch.stack([weights.get(name, 1.0) * term.float() for name, term in terms.items()]).sum()
        output[CommonKeys.LOSS] = loss
        output["terms"] = {name: term.item() for name, term in terms.items()}
        engine.fire_event(IterationEvents.LOSS_COMPLETED)
        if engine.scaler is not None:
            engine.scaler.scale(loss).backward()
            engine.fire_event(IterationEvents.BACKWARD_COMPLETED)
            engine.scaler.step(engine.optimizer)
            engine.scaler.update()
        else:
            loss.backward()
            engine.fire_event(IterationEvents.BACKWARD_COMPLETED)
            engine.optimizer.step()
        output[CommonKeys.LOSS] = loss.item()
        self.after_step(batch, output)
        engine.fire_event(IterationEvents.MODEL_COMPLETED)
        return engine.state.output
