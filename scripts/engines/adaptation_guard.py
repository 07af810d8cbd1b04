"""Whether adapted weights are better than those they started from, told without a label."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..datasets.brain_crops import BrainCrops
from ..datasets.synthetic_vessels import SyntheticVessels
from ..io.atomic_file import write_atomically
from ..io.markdown_table import markdown_table
from ..io.tensor_file import read_weights, write_tensors
from ..io.weights_needs import read_needs, write_needs
from ..networks.orientation import ORIENTATIONS, apply, invert
from .validation_target import ROTATION

logger = logging.getLogger(__name__)

TOLERANCE = 0.02  # by which neither score may fall
THRESHOLD = 0.5  # of the probability


@dataclass(frozen=True)
class GuardScore:
    """Two Dice ratios over all crops, each from 0 to 1.

    Attributes:
        found: of what adding synthetic vessels adds to the prediction, with these vessels: are they found, and as
            thick as they are?
        agreement: of the predictions of a crop and of the rotated crop.
    """

    found: float
    agreement: float

    def better_than(self, start: GuardScore) -> bool:
        """Whether their mean has risen, and neither has fallen by more than TOLERANCE."""
        gains = self.found - start.found, self.agreement - start.agreement
        return sum(gains) > 0 and min(gains) > -TOLERANCE


class AdaptationGuard:
    """Scores weights on random crops of the scans that they are to be used for.

    Args:
        network: takes crops (1, 1, S, S, S), gives vessel probability.
        volumes: preprocessed scans, dictionaries with `image`.
        synthetic_vessels: of the crops' size S, drawn with a stream of its own: never those of the training.
        crops: number of crops.
        seed: of crops and vessels.
    """

    def __init__(
        self,
        network: nn.Module,
        volumes: Sequence[dict[str, Any]],
        synthetic_vessels: SyntheticVessels,
        crops: int = 24,
        seed: int = 0,
    ) -> None:
        self.network = network
        self.volumes = volumes
        self.synthetic_vessels = synthetic_vessels
        self.crops = crops
        self.seed = seed

    def choose(self, start: str, adapted: str, path: str) -> bool:
        """Write the better ones of two files of weights to `path`, and `guard.md` beside it; True: the adapted ones."""
        before, after = (self.score_file(file) for file in (start, adapted))
        better = after.better_than(before)
        kept = adapted if better else start
        write_needs(path, read_needs(kept))
        write_tensors(read_weights(kept), Path(path))
        words = "The adapted weights are kept." if better else "The start is kept: the adapted weights are not better."
        scores = {"start": before, "adapted": after}
        rows = [[name, f"{score.found:.3f}", f"{score.agreement:.3f}"] for name, score in scores.items()]
        header = ["weights", "added vessels found (Dice)", "agreement (Dice)"]
        text = f"{words}\n\n{markdown_table(header, rows)}\n"
        write_atomically(Path(path).with_name("guard.md"), lambda partial: partial.write_text(text, encoding="utf-8"))
        logger.info("%s", text)
        return better

    def score_file(self, path: str) -> GuardScore:
        """Score of the weights in a file."""
        self.network.load_state_dict(read_weights(path))
        return self.score()

    def score(self) -> GuardScore:
        """Score of the network as it is."""
        drawn = BrainCrops(self.volumes, self.synthetic_vessels.size)
        sums = np.zeros(4)  # of both Dice ratios, numerator and denominator
        for index in range(self.crops):
            rng = np.random.default_rng([self.seed, index, 7])
            crop = drawn.draw(rng)  # (1, S, S, S)
            image, mask = self.synthetic_vessels.add(crop, rng)
            own, more, rotated = self._found(crop), self._found(image), self._found(crop, rotate=True)
            sums += [*_dice_parts(more & ~own, mask & ~own), *_dice_parts(own, rotated)]
        return GuardScore(*(float(part / max(whole, 1)) for part, whole in (sums[:2], sums[2:])))

    @torch.no_grad()
    def _found(self, crop: Tensor, rotate: bool = False) -> Tensor:
        self.network.eval()
        orientation = ROTATION if rotate else ORIENTATIONS[0]  # the identity
        image = apply(crop[None], orientation).contiguous().to(next(self.network.parameters()).device)
        return (invert(self.network(image), orientation)[0].cpu() > THRESHOLD) & (crop != 0)


def _dice_parts(first: Tensor, second: Tensor) -> tuple[float, float]:
    return 2 * float((first & second).sum()), float(first.sum() + second.sum())
