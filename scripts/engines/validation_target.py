"""What a validated prediction is compared with: the label, or the prediction of the rotated scan."""

from __future__ import annotations

from typing import Any

import torch
from monai.inferers import Inferer
from torch import Tensor, nn

from ..networks.orientation import Orientation, apply, invert

ROTATION = Orientation(permutation=(1, 2, 0), flips=(True, False, False))
PLAUSIBLE = (0.0005, 0.05)  # least and greatest fraction of vessel in the brain


class ValidationTarget:
    """`prepare_batch` of the validating evaluator: (image, label), with a label of its own where there is none.

    Without a label the target is the network's prediction of the rotated scan, rotated back: the key metric, Dice,
    then measures how well two looks at one scan agree. A network that finds nothing, or more than vessels can fill,
    agrees with itself too; its target is a single corner voxel, which leaves a Dice of 0. (MONAI leaves scans with an
    empty target out of the mean.)

    Args:
        network: the network that is validated.
        inferer: as in validation.
    """

    def __init__(self, network: nn.Module, inferer: Inferer) -> None:
        self.network = network
        self.inferer = inferer

    def __call__(
        self, batch: dict[str, Any], device: torch.device | str, non_blocking: bool = False, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Image and target (1, 1, D, H, W), on `device`; the target is binary."""
        image = batch["image"].to(device, non_blocking=non_blocking)
        if "label" in batch:
            return image, batch["label"].to(device, non_blocking=non_blocking)
        return image, self.rotated_prediction(torch.as_tensor(image))

    @torch.no_grad()
    def rotated_prediction(self, image: Tensor) -> Tensor:
        self.network.eval()
        prediction = invert(self.inferer(apply(image, ROTATION).contiguous(), self.network), ROTATION)
        vessels = (prediction > 0.5) & (image != 0)
        fraction = vessels.sum() / (image != 0).sum().clamp(min=1)
        if not PLAUSIBLE[0] <= fraction <= PLAUSIBLE[1]:
            vessels = torch.zeros_like(vessels)
            vessels[..., 0, 0, 0] = True
        return vessels.float()
