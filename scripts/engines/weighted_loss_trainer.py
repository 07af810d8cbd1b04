"""What the three stages' trainers share: a loss of named, weighted terms and draws that follow the iteration."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import torch
from ignite.engine import Events
from monai.engines import SupervisedTrainer, Workflow
from monai.engines.utils import IterationEvents
from monai.utils.enums import CommonKeys
from torch import Tensor

from ..io.user_error import Interrupted
from ..networks.reduced_precision import has_reduced_precision
from .frozen_statistics import freeze_statistics
from .stop_signal import StopSignal


class WeightedLossTrainer(SupervisedTrainer, ABC):
    """SupervisedTrainer whose loss is a weighted sum of named terms.

    Torch's generator is seeded from (`seed`, iteration) before every iteration, so that a resumed run draws what an
    uninterrupted one would have and no random state has to be stored. `engine.state.output` holds `loss` and, under
    `terms`, every term by name, detached and before weighting.

    Args:
        device: of the network.
        amp: mixed precision, float16 on a GPU and bfloat16 on a processor; "auto": where that is the faster one.
        seed: of the draws inside the network.
        loss_weights: weight of each term; a term that is not named weighs 1.
        frozen_statistics: batch normalisation keeps the means and variances that the network starts with, and trains
            with them, too: it learns as it will infer, however few and different the crops are.
        **kwargs: of monai.engines.SupervisedTrainer; its `loss_function` gives nothing here but the terms' module.
    """

    def __init__(
        self,
        *,
        device: torch.device | str,
        amp: bool | str = False,
        seed: int = 0,
        loss_weights: dict[str, float] | None = None,
        frozen_statistics: bool = False,
        **kwargs: Any,
    ) -> None:
        device = torch.device(device)
        reduced = has_reduced_precision(device) if amp == "auto" else bool(amp)
        super().__init__(device=device, amp=reduced, decollate=False, **kwargs)
        self.scaler = None
        self.seed = seed
        self.loss_weights = dict(loss_weights or {})
        self.frozen_statistics = frozen_statistics
        self.stop = StopSignal()
        within_epoch = Events.ITERATION_COMPLETED(event_filter=lambda engine, i: i % engine.state.epoch_length != 0)
        self.add_event_handler(within_epoch | Events.EPOCH_COMPLETED, self._stop_if_asked)

    @abstractmethod
    def predict(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Run the network: named tensors for `loss_terms`, among them `image` and `pred`."""

    @abstractmethod
    def loss_terms(self, batch: dict[str, Tensor], output: dict[str, Tensor]) -> dict[str, Tensor]:
        """Loss terms by name, scalars, unweighted."""

    def weights(self, iteration: int) -> dict[str, float]:
        """Weight of each term at an iteration, counted from 1."""
        return self.loss_weights

    def after_step(self, batch: dict[str, Tensor], output: dict[str, Any]) -> None:
        """What follows the network's step in an iteration, such as the discriminator's."""

    def run(self) -> None:
        """Train; at the first Ctrl-C finish the iteration, fire TERMINATE (Checkpoint writes then), and exit.

        Raises:
            Interrupted: after such a stop.
        """
        with self.stop:
            if self.state.device.type == "cuda":
                super().run()  # makes a scaler of gradients
            else:
                Workflow.run(self)  # bfloat16 needs none
        if self.stop.received:
            raise Interrupted(f"stopped after iteration {self.state.iteration}; the same command goes on from there")

    def _stop_if_asked(self, engine: WeightedLossTrainer) -> None:
        if self.stop.received:
            engine.terminate(skip_completed=True)

    def _iteration(self, engine: WeightedLossTrainer, batchdata: dict[str, Tensor]) -> dict[str, Any]:
        iteration = engine.state.iteration
        torch.manual_seed(hash((self.seed, iteration)) % 2**63)
        batch = {
            key: value.to(engine.state.device, non_blocking=engine.non_blocking) for key, value in batchdata.items()
        }
        engine.network.train()
        if self.frozen_statistics:
            freeze_statistics(engine.network)
        engine.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(engine.state.device.type, enabled=engine.amp, **engine.amp_kwargs):
            output: dict[str, Any] = self.predict(batch)
            engine.state.output = output
            engine.fire_event(IterationEvents.FORWARD_COMPLETED)
            terms = self.loss_terms(batch, output)
        if broken := [name for name, term in terms.items() if not torch.isfinite(term)]:
            raise FloatingPointError(f"{', '.join(broken)} is not finite at iteration {iteration}.")
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
            if not _finite(parameter.grad for parameter in engine.network.parameters()):
                names = ", ".join(self._terms_of_broken_gradient(batch))
                raise FloatingPointError(f"the gradient of {names} is not finite at iteration {iteration}.")
            engine.optimizer.step()
        output[CommonKeys.LOSS] = loss.item()
        self.after_step(batch, output)
        engine.fire_event(IterationEvents.MODEL_COMPLETED)
        return engine.state.output

    def _terms_of_broken_gradient(self, batch: dict[str, Tensor]) -> list[str]:
        """Names of the terms whose gradient is not finite; of all where it is their sum that overflows."""
        torch.manual_seed(hash((self.seed, self.state.iteration)) % 2**63)
        with torch.autocast(self.state.device.type, enabled=self.amp, **self.amp_kwargs):
            terms = self.loss_terms(batch, self.predict(batch))
        parameters = list(self.network.parameters())
        broken = [
            name
            for name, term in terms.items()
            if term.requires_grad
            and not _finite(torch.autograd.grad(term, parameters, retain_graph=True, allow_unused=True))
        ]
        return broken or list(terms)


def _finite(tensors: Iterable[Tensor | None]) -> bool:
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors if tensor is not None)
