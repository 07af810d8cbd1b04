"""Classical vessel filters as networks from a normalised scan to its vesselness, which an evaluator can run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from monai.utils import convert_to_dst_type
from skimage.feature import hessian_matrix, hessian_matrix_eigvals
from skimage.filters import frangi, sato
from torch import Tensor, nn

TISSUE = 1.0  # the preprocessing puts the brain's median here
TAU = 0.5  # of Jerman's filter


class GlobalThreshold(nn.Module):
    """The scan itself; thresholded, it is the classical global threshold."""

    def forward(self, x: Tensor) -> Tensor:
        """Return normalised scans as they are, (B, 1, D, H, W)."""
        return x


class RidgeFilter(nn.Module, ABC):
    """Bright tubes of several calibres, the strongest response over all of them.

    Outside the brain, where scans are 0, the filters are given ordinary tissue: a step at the rim would be a ridge.

    Args:
        sigmas: scales of the Gaussian derivatives, mm; each responds best to tubes of about 1.5 times that radius.
        spacing: of the scans, isotropic, mm.

    Raises:
        ValueError: there is no scale, or one is not positive.
    """

    def __init__(self, sigmas: Sequence[float], spacing: float) -> None:
        super().__init__()
        if not sigmas or min(sigmas) <= 0:
            raise ValueError(f"sigmas must be positive scales in mm, got {sigmas}.")
        self.sigmas = [sigma / spacing for sigma in sigmas]  # voxels

    def forward(self, x: Tensor) -> Tensor:
        """Vesselness, not negative, of normalised scans: (B, 1, D, H, W) -> (B, 1, D, H, W)."""
        scans = torch.where(x == 0, TISSUE, x)[:, 0].cpu().numpy()  # (B, D, H, W)
        response = np.stack([self.vesselness(np.ascontiguousarray(scan)) for scan in scans])[:, None]
        return convert_to_dst_type(response, x)[0]  # a MetaTensor where x is one: inverse transforms need its history

    @abstractmethod
    def vesselness(self, scan: np.ndarray) -> np.ndarray:
        """Vesselness of one scan, (D, H, W)."""


class Frangi(RidgeFilter):
    """Frangi et al., Multiscale vessel enhancement filtering, MICCAI 1998, with their alpha = beta = 0.5 and c."""

    def vesselness(self, scan: np.ndarray) -> np.ndarray:
        return frangi(scan, sigmas=self.sigmas, black_ridges=False)


class Sato(RidgeFilter):
    """Sato et al., Three-dimensional multi-scale line filter, Medical Image Analysis 1998, as in scikit-image."""

    def vesselness(self, scan: np.ndarray) -> np.ndarray:
        return sato(scan, sigmas=self.sigmas, black_ridges=False)


class Jerman(RidgeFilter):
    """Jerman et al., Enhancement of vascular structures in 3D and 2D angiographic images, IEEE TMI 2016, Eq. 9-10.

    A response of the same height for thick and thin, strong and weak vessels, also where they branch. Second
    differences below `TAU` of the scan's greatest are raised to it, which suppresses them.
    """

    def vesselness(self, scan: np.ndarray) -> np.ndarray:
        return np.max([self.vesselness_at(scan, sigma) for sigma in self.sigmas], axis=0)  # (D, H, W)

    def vesselness_at(self, scan: np.ndarray, sigma: float) -> np.ndarray:
        """Vesselness at one scale (voxels), in [0, 1]: (D, H, W)."""
        hessian = hessian_matrix(scan, sigma=sigma, mode="reflect", use_gaussian_derivatives=False)
        eigenvalues = hessian_matrix_eigvals(hessian)  # (3, D, H, W), descending: a bright tube has 0, -, -
        middle, strong = -eigenvalues[1], -eigenvalues[2]  # lambda_2 <= lambda_3, positive in a tube
        least = TAU * strong.max()
        regular = np.where(strong > least, strong, least)  # lambda_rho where lambda_3 > 0, (D, H, W)
        tube = (middle > 0) & (strong > 0)
        middle = np.where(tube, middle, 0.0)
        ratio = 3 / np.maximum(middle + regular, np.finfo(np.float32).tiny)
        response = np.where(middle >= regular / 2, 1.0, middle**2 * (regular - middle) * ratio**3)
        return np.where(tube, response, 0.0)
