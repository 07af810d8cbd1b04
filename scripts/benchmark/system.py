"""The systems that are measured: each goes from a normalised scan to vessels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from monai.inferers import Inferer
from skimage.filters import frangi
from torch import Tensor, nn

from ..io.tensor_file import read_weights
from ..networks.vessel_unet import VESSEL_CLUSTER
from .apart import Cost, Meter


@dataclass(frozen=True)
class NetworkSystem:
    """A network and how its windows are computed.

    Args:
        network: gives the vessel probability, (B, 1, D, H, W), or like VesselUNet embedding and clusters.
        inferer: applied to it.
        weights: file with the network's state dict.
    """

    network: nn.Module
    inferer: Inferer
    weights: str

    def measure(self, folder: Path, name: str) -> Cost:
        """Cost of the vessel mask of `normalised.npy` in `folder`, (D, H, W); the mask goes into `<name>.npy`."""
        torch.set_num_threads(1)  # so that processor seconds can be compared
        image = torch.from_numpy(np.load(folder / "normalised.npy"))[None, None]  # (1, 1, D, H, W)
        network = self.network.eval()
        network.load_state_dict(read_weights(self.weights))
        with torch.no_grad(), Meter() as meter:
            prediction = self.inferer(image, network)
            probability: Tensor = prediction if isinstance(prediction, Tensor) else prediction[1]
        np.save(folder / f"{name}.npy", (probability[0, VESSEL_CLUSTER] >= 0.5).numpy())
        return meter.cost


@dataclass(frozen=True)
class FrangiSystem:
    """scikit-image's multi-scale Frangi filter of the whole scan.

    Args:
        sigmas: scales, voxels.
    """

    sigmas: Sequence[float]

    def measure(self, folder: Path, name: str) -> Cost:
        """Cost of the vesselness of `normalised.npy` in `folder`; no mask is made of it."""
        image = np.load(folder / "normalised.npy")
        with Meter() as meter:
            frangi(image, sigmas=self.sigmas, black_ridges=False)
        return meter.cost
