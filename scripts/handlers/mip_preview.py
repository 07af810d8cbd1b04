"""Pictures of what the discriminator sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from PIL import Image
from torch import Tensor

from ..io.atomic_file import write_atomically

COLUMNS = 8  # at most
GAP = 2  # pixels


def tile(images: Tensor) -> Tensor:
    """Images (B, 1, H, W) side by side, white lines between them: (H + GAP, B (W + GAP))."""
    padded = torch.nn.functional.pad(images[:, 0], (0, GAP, 0, GAP), value=1.0)
    return torch.cat(list(padded), dim=1)


class MipPreview:
    """After every epoch writes `epoch_<n>.png`: reference masks above, projections of the vessel cluster below.

    Args:
        output_dir: folder of the pictures, made if need be.
    """

    def __init__(self, output_dir: str) -> None:
        self.output_dir = Path(output_dir)

    def attach(self, engine: Engine) -> None:
        if idist.get_rank() == 0:  # one process writes for all
            engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        output: dict[str, Any] = engine.state.output
        references = engine.state.batch["reference"].float().cpu()  # (R, 1, S, S)
        projections = output["projection"].detach().float().cpu()  # (6 B, 1, S, S): all along one axis, then the next
        columns = min(COLUMNS, len(references), len(projections))
        spread = projections[torch.linspace(0, len(projections) - 1, columns).long()]
        picture = torch.cat([tile(references[:columns]), tile(spread)])
        image = Image.fromarray((picture.clamp(0, 1) * 255).byte().numpy())
        write_atomically(self.output_dir / f"epoch_{engine.state.epoch:04d}.png", image.save)
