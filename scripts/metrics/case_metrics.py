"""All scores of one case, with the rules for empty masks in one place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from monai.metrics import (
    compute_confusion_matrix_metric,
    compute_hausdorff_distance,
    compute_surface_dice,
    get_confusion_matrix,
)

from ..vessels.bounding_box import bounding_box
from .betti import betti_errors
from .breakages import breakages
from .cldice import cldice, topology_precision, topology_sensitivity

# Column names of every report, in their order; HD95 is in mm, the last three are counts, the others fractions.
METRICS = (
    "DSC",
    "precision",
    "recall",
    "clDice",
    "topology_precision",
    "topology_sensitivity",
    "HD95_mm",
    "NSD_1_voxel",
    "betti_0_error",
    "betti_1_error",
    "breakages",
)


def case_metrics(*, pred: np.ndarray, label: np.ndarray, spacing: Sequence[float]) -> dict[str, float]:
    """Score a predicted mask against the label on the same grid: a value for each of `METRICS`.

    Args:
        pred: binary mask, (D, H, W).
        label: binary mask, same shape.
        spacing: voxel size, mm.

    HD95 is the larger of the two directed 95th percentiles of the distances between the surfaces. NSD counts surface
    voxels within one voxel (of the grid, whatever its spacing) of the other surface.

    Edge rules: when both masks are empty every fraction is 1 and every count 0. When only one is, every fraction is 0
    and HD95 is the diagonal of the volume; an empty prediction has precision 0.

    Raises:
        ValueError: the shapes differ.

    Source: DSC, precision, recall as Eq. 19 of Chen, Wang, Wang 2023; the others as in MONAI, `cldice`,
    `betti` (the error of b0 is the component-count error) and `breakages`.
    """
    if pred.shape != label.shape:
        raise ValueError(f"prediction {pred.shape} and label {label.shape} lie on different grids.")
    spacing = [float(side) for side in spacing]
    errors = betti_errors(pred=pred, label=label)
    if not pred.any() or not label.any():
        agreement = float(pred.any() == label.any())
        diagonal = float(np.linalg.norm(np.multiply(pred.shape, spacing)))
        values = (*[agreement] * 6, diagonal * (1 - agreement), agreement, *errors, 0)
        return dict(zip(METRICS, values))
    pred, label = _crop_to_either(pred > 0, label > 0)
    y_pred, y = (torch.from_numpy(mask)[None, None].byte() for mask in (pred, label))  # (1, 1, D, H, W) each
    counts = get_confusion_matrix(y_pred, y)  # (1, 1, 4)
    overlap = [compute_confusion_matrix_metric(name, counts).item() for name in ("f1 score", "precision", "recall")]
    precision = topology_precision(pred=pred, label=label)
    sensitivity = topology_sensitivity(pred=pred, label=label)
    centre = (cldice(precision=precision, sensitivity=sensitivity), precision, sensitivity)
    breaks = breakages(pred=pred, label=label)
    hd95 = compute_hausdorff_distance(y_pred, y, include_background=True, percentile=95, spacing=spacing)
    nsd = compute_surface_dice(y_pred, y, class_thresholds=[1.0], include_background=True)
    return dict(zip(METRICS, (*overlap, *centre, hd95.item(), nsd.item(), *errors, breaks)))


def _crop_to_either(pred: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Crop both masks to the box around what either holds: beyond it there is nothing to score."""
    box = bounding_box(pred | label)
    return np.ascontiguousarray(pred[box]), np.ascontiguousarray(label[box])
