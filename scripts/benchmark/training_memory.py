"""Memory that the paper's stages need, without a GPU: one iteration on tensors that have a shape but no content.

    python -m scripts.benchmark.training_memory

prints the table of docs/train.md. torch's FakeTensorMode computes shapes alone, so crops of 96^3 take no memory here.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from monai.bundle import ConfigParser
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from ..io.markdown_table import markdown_table
from ..networks.orientation import ORIENTATIONS
from ..networks.oriented_block import OrientedBlock
from .live_tensors import LiveTensors

ROOT = Path(__file__).parents[2]
STAGES = {"1": "pretrain", "2": "train", "3": "refine"}


def peak_memory(stage: str, *, content: bool = False, **settings: Any) -> int:
    """Bytes of the tensors alive at once, at the most, in one iteration of configs/recipes/paper_<stage>.yaml.

    Mixed precision is that of a processor: bfloat16, but float32 in max-pooling. What a library allocates for itself,
    such as the work space of a convolution, is not counted, nor is the prediction of f' in stage 3.

    Args:
        stage: pretrain, train or refine.
        content: compute with true tensors, which takes that memory.
        **settings: keys of the config.
    """
    config = paper_config(stage, settings)
    trainer = config.get_parsed_content("train#trainer")
    trainer.network.train()
    trainer.averaged_prediction = lambda image, orientations: torch.zeros_like(image)
    orientation = torch.ones(2 * config["crop_pairs"] if stage != "refine" else 1, dtype=torch.long)
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    if not content:
        for module in [part for part in vars(trainer).values() if isinstance(part, nn.Module)]:
            empty(module, fake)
    mode: AbstractContextManager[Any] = nullcontext() if content else fake
    turned = patch(f"{OrientedBlock.__module__}.draw_orientation", return_value=ORIENTATIONS[-1])
    with mode, turned, LiveTensors() as live:
        batch = {**crops(stage, config), "orientation": orientation}
        with torch.autocast("cpu", enabled=trainer.amp):
            output = trainer.predict(batch)
            terms = trainer.loss_terms(batch, output)
        torch.stack([term.float() for term in terms.values()]).sum().backward()
    return live.peak


def paper_config(stage: str, settings: dict[str, Any]) -> ConfigParser:
    """The config of a recipe, on the processor and without data."""
    recipe = ConfigParser.load_config_file(str(ROOT / f"configs/recipes/paper_{stage}.yaml"))
    config = ConfigParser()
    config.read_config([str(ROOT / file) for file in recipe.pop("config_file")])
    nothing = {"train#dataloader": [None], "train#trainer#train_handlers": []}
    config.update({**recipe, "device": "cpu", **nothing, **settings})
    return config


def empty(network: nn.Module, fake: FakeTensorMode) -> None:
    """Take the content of a network's parameters and buffers away."""
    for module in network.modules():
        for name, parameter in module.named_parameters(recurse=False):
            setattr(module, name, nn.Parameter(fake.from_tensor(parameter.data), parameter.requires_grad))
        for name, buffer in module.named_buffers(recurse=False):
            setattr(module, name, fake.from_tensor(buffer))


def crops(stage: str, config: ConfigParser) -> dict[str, Tensor]:
    """An item of the stage's data set, but for the orientations."""
    side, pairs = config["crop_size"], config["crop_pairs"]
    crop = [1, side, side, side]
    if stage == "refine":
        return {key: torch.rand(config["crops"], *crop) for key in ("image", "view")}
    return {
        **{key: torch.rand(2 * pairs, *crop) for key in ("first", "second")},
        "mixup_weight": torch.rand(pairs, 2),
        "reference": torch.rand(config["reference_masks_per_iteration"], 1, side, side),
    }


def main() -> None:
    """Print the table."""
    rows = []
    for name, stage in STAGES.items():
        choices = [(amp, checkpointing) for amp in (False, True) for checkpointing in (False, True)]
        peaks = [peak_memory(stage, amp=amp, checkpointing=checkpointing) / 2**30 for amp, checkpointing in choices]
        rows.append([name, *(f"{peak:.1f} GiB" for peak in peaks)])
    kinds = [f"{precision}{how}" for precision in ("float32", "mixed") for how in ("", ", `--checkpointing True`")]
    print(markdown_table(["stage", *kinds], rows))


if __name__ == "__main__":
    main()
