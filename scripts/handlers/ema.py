"""The moving average f_e of the network's weights (Eq. 10-11)."""

from __future__ import annotations

from ignite.engine import Engine, Events
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from .checkpoint import unwrap


class PaperSchedule:
    """Averaging function theta*_i = a_i theta*_{i-1} + (1 - a_i) theta_i with a_i = 1 - 1 / (i / I + 1).

    Args:
        period: I. After i iterations the average remembers about i / I iterations. The paper's period is an epoch; a
            short training needs a longer memory, that is a smaller I, for a teacher that is steadier than the network.
    """

    def __init__(self, period: int) -> None:
        self.period = period

    def alpha(self, iteration: int) -> float:
        return 1 - 1 / (iteration / self.period + 1)

    def __call__(self, averaged: Tensor, current: Tensor, num_averaged: Tensor | int) -> Tensor:
        alpha = self.alpha(int(num_averaged))
        return alpha * averaged + (1 - alpha) * current


def ema_model(network: nn.Module, schedule: PaperSchedule) -> AveragedModel:
    """Moving average of weights and buffers, held in a copy of `network` whose parameters take no gradient.

    Args:
        network: usually a VesselSegmenter, whose parameters are those of the VesselUNet in training.
    """
    model = AveragedModel(network, avg_fn=schedule, use_buffers=True)
    model.requires_grad_(False)
    return model.eval()


class MovingAverage:
    """Copy the network's weights at STARTED, unless the average is resumed, and average after every iteration.

    Args:
        network: the network in training, perhaps inside DistributedDataParallel.
        ema: its average.
    """

    def __init__(self, network: nn.Module, ema: AveragedModel) -> None:
        self.network = network
        self.ema = ema

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.update)

    def start(self, engine: Engine) -> None:
        if self.ema.n_averaged == 0:
            self.update(engine)  # the first update copies

    def update(self, engine: Engine) -> None:
        self.ema.update_parameters(unwrap(self.network))
