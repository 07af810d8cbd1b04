"""A stage as its config wires it, run for a few iterations in this process and watched from outside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from ignite.metrics import Metric
from monai.bundle import ConfigParser
from monai.utils import set_determinism
from torch import Tensor, nn

from scripts.networks.vessel_unet import VesselSegmenter
from tests.killed_runs import configs
from tests.small_training import SMALL


class ScriptedMetric(Metric):
    """Gives the next of some values at every validation, whatever the network."""

    def __init__(self, values: Sequence[float]) -> None:
        self.values = list(values)
        super().__init__()

    def reset(self) -> None:
        """The values given are gone."""

    def update(self, output: Any) -> None:
        """Validation's output does not matter."""

    def compute(self) -> float:
        return self.values.pop(0)


class Watched:
    """A stage's config and what its trainer did.

    `batches`, `outputs`, `weights`, `averages`: after every iteration the batch, the trainer's output, and the state of
    network and moving average (`weights[0]`, `averages[0]`: before the first one).
    `validated`: the moving average's state at every validation. `seed`: of the weights that it starts with.
    """

    def __init__(self, stage: str, folder: Path, dataset: Path, scores: Sequence[float], **settings: Any) -> None:
        self.start = start_weights(folder / "start.pt")
        self.config = ConfigParser()
        self.config.read_config(configs(stage, "cpu"))
        metric = {"val_dice": {"_target_": "tests.wired.ScriptedMetric", "values": list(scores)}}
        places = {"dataset_dir": str(dataset), "output_dir": str(folder), "pretrained": str(folder / "start.pt")}
        given = {**SMALL, **places, "validate#key_metric": metric, "amp": False, "linear_lr_decay": False, **settings}
        self.config.update(given)
        self.config.parse()
        set_determinism(seed=0)
        self.trainer = self.config.get_parsed_content("train#trainer")
        self.evaluator = self.config.get_parsed_content("validate#evaluator")
        self.batches: list[dict[str, Tensor]] = []
        self.outputs: list[dict[str, Any]] = []
        self.weights: list[dict[str, Tensor]] = []
        self.averages: list[dict[str, Tensor]] = []
        self.validated: list[dict[str, Tensor]] = []
        self.evaluator.add_event_handler(Events.STARTED, self.note_validation)
        self.trainer.add_event_handler(Events.EPOCH_STARTED(once=1), self.note_weights)
        self.trainer.add_event_handler(Events.ITERATION_COMPLETED, self.note_iteration)

    def note_validation(self, engine: Engine) -> None:
        self.validated.append(state(self.config.get_parsed_content("ema").module))

    def note_weights(self, engine: Engine) -> None:
        self.weights.append(state(self.config.get_parsed_content("network")))
        self.averages.append(state(self.config.get_parsed_content("ema").module))

    def note_iteration(self, engine: Engine) -> None:
        self.note_weights(engine)
        self.batches.append(dict(engine.state.batch))
        self.outputs.append({**engine.state.output, "terms": dict(engine.state.output["terms"])})


def state(network: nn.Module) -> dict[str, Tensor]:
    return {key: value.clone() for key, value in network.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[key]) for key, value in one.items())


def start_weights(path: Path) -> dict[str, Tensor]:
    """Weights of a network that finds vessel in about half of the voxels, written to `path`."""
    torch.manual_seed(7)  # not the configs' seed
    network = VesselSegmenter(channels=SMALL["channels"], cluster_activation="softmax", vessel_prior=0.5)
    with torch.no_grad():
        network.clustering_head[-1].weight.mul_(1000)
    torch.save(network.state_dict(), path)
    return state(network)
