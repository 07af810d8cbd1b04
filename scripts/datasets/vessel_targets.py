"""Label and weight of every voxel of an unlabelled crop to which vessels of known position were added."""

from __future__ import annotations

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, maximum_filter
from torch import Tensor

SMOOTHING = 1.0  # voxels, sigma: noise falls to a sixth, thin vessels stay
DOUBTFUL = 1.12  # smoothed normalised intensity, 0.6 sigma above tissue: the scan may have an artery of its own here
DOUBTFUL_WEIGHT = 0.15


def vessel_targets(crop: Tensor, mask: Tensor, bright: float, margin: int = 0) -> tuple[Tensor, Tensor]:
    """Label and weight of every voxel, float32, (1, S, S, S) each, for a weighted cross-entropy.

    The label is vessel in the added vessels, and where the scan itself is bright and at least half as bright, above
    tissue, as the brightest voxel that touches: inflowing blood is bright in TOF-MRA, and a vessel ends at half its
    height. The label is background everywhere else, mostly rightly. Where the scan is a little brighter than tissue
    there may be an unlabelled artery, so that background weighs only 0.15 there. The network then learns to call vessel
    what looks like the vessels, but not what never does, such as noise: learning from positive and unlabelled examples.

    Args:
        crop: the normalised crop before anything was added, (1, S, S, S), 0 outside the brain.
        mask: the added vessels, within the brain, bool, (1, S, S, S).
        bright: normalised intensity above which a voxel counts as blood; 1.6 is 3 sigma above tissue.
        margin: voxels; nearer than this to the edge of the brain mask, where venous sinuses and meningeal arteries
            lie, bright voxels of the scan itself are background of full weight.
    """
    scan = crop[0].numpy()  # (S, S, S)
    inner = ~maximum_filter(scan == 0, size=2 * margin + 1)
    blood = inner & (scan > bright) & (scan - 1 > (maximum_filter(scan, size=3) - 1) / 2)
    smooth = gaussian_filter(np.where(scan == 0, 1.0, scan), SMOOTHING)
    doubtful = inner & (maximum_filter(smooth, size=3) > DOUBTFUL)
    vessel = mask | torch.from_numpy(blood)
    weight = torch.where(torch.from_numpy(doubtful) & ~vessel, DOUBTFUL_WEIGHT, 1.0)
    return vessel.float(), weight
