"""Keys that were called otherwise in earlier versions."""

from __future__ import annotations

RENAMED = {
    "batches": "crop_pairs",
    "confidence": "tta, or confidence_threshold of configs/refine.yaml",
    "discriminator_rate": "discriminator_lr_factor",
    "falling_rate": "linear_lr_decay",
    "lifted_margin": "synthetic_margin",
    "lifted_scale": "synthetic_scale",
    "lifted_trees": "synthetic_trees",
    "references": "reference_masks_per_iteration",
    "refinement_rate": "refinement_lr_factor",
    "versions": "orientations",
}
