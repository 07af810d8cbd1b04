"""Crops with pseudo labels and synthetic vessels for one iteration of self-training."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from .brain_crops import augment_brain
from .synthetic_vessel_dataset import SyntheticVesselDataset


class PseudoLabelDataset(SyntheticVesselDataset):
    """Crops of scans with the masks that a network found in them, and with added vessels of known position.

    An item holds, for B crops of side S (in a distributed run, for this process's share of them), (B, 1, S, S, S) each:
    `image`: crops with added vessels, their intensities augmented;
    `label`: the mask of the crop and the added vessels, 0 or 1.

    Args:
        volumes: cases with `image` and `label`; all else as for `SyntheticVesselDataset`.
    """

    stream = 5

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        crop = self.crops.draw_items(rng, ["image", "label"])  # (1, S, S, S) each
        image, mask = self.synthetic_vessels.add(crop["image"], rng)
        label = ((crop["label"] > 0) | mask).float()
        return {"image": augment_brain(image, self.augment, rng)[None], "label": label[None]}
