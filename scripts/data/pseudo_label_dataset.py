"""Crops with pseudo labels and lifted vessels for one iteration of self-training."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from .brain_crops import augment_brain
from .lifted_crop_dataset import LiftedCropDataset


class PseudoLabelDataset(LiftedCropDataset):
    """Crops of scans with the masks that a network found in them, to which vessels of known place are added.

    An item holds, for B crops of side S (in a distributed run, for this process's share of them), (B, 1, S, S, S) each:
    `image`: crops with added vessels, their intensities augmented;
    `label`: the mask of the crop and the added vessels, 0 or 1.

    Args:
        volumes: cases with `image` and `label`; all else as for `LiftedCropDataset`.
    """

    stream = 5

    def draw(self, rng: np.random.Generator) -> dict[str, Tensor]:
        crop = self.crops.draw_items(rng, ["image", "label"])  # (1, S, S, S) each
        image, place = self.lifted.add(crop["image"], rng)
        label = ((crop["label"] > 0) | place).float()
        return {"image": augment_brain(image, self.augment, rng)[None], "label": label[None]}
