"""The options of all commands and their types, told once: an option means the same in every config that has it."""

from __future__ import annotations

from ..baselines.baseline_networks import BASELINES
from ..networks.orientation import ORIENTATIONS
from ..simulation.tissue import SOURCES
from .option_types import (
    AnyOf,
    Choice,
    NamedNumbers,
    Number,
    Numbers,
    OptionType,
    device,
    flag,
    mapping,
    names,
    nothing,
    path,
    runtime,
    shard,
    text,
)

count = Number(1, whole=True)
count_or_none = Number(0, whole=True)
share = Number(0, 1)
positive = Number(0, above=True)
weight = Number(0)
window = AnyOf([Numbers(Number(16, whole=True, step=16), count=3), Choice(["auto"])])
crop = Number(32, whole=True, step=16)  # as BrainCrops takes it, which is made after hours of preprocessing
share_range = Numbers(share, count=2)
count_range = Numbers(count_or_none, count=2)
optional_path = AnyOf([path, nothing])

OPTIONS: dict[str, OptionType] = {
    # where things are
    "bundle_root": path,
    "ckpt": path,
    "dataset_dir": path,
    "labels_dir": path,
    "masks_2d_dir": path,
    "masks_dir": optional_path,
    "heads_dir": path,
    "output_dir": path,
    "predictions_dir": path,
    "pretrained": optional_path,
    "results_dir": path,
    "scores_dir": path,
    "stage_dir": path,
    "trees": optional_path,
    # what belongs to the weights
    "channels": Numbers(count, count=5),
    "cluster_activation": Choice(["softmax", "sigmoid"]),
    "embedding_dim": count,
    "head_channels": AnyOf([count, nothing]),
    "num_clusters": Number(2, whole=True),
    "oriented": flag,
    "spacing": Number(0.05, 10, unit="mm"),
    "vessel_prior": AnyOf([Number(0, 1, above=True), nothing]),
    # inference and its results
    "bids_filter": AnyOf([mapping, nothing]),
    "brain_mask": Choice(
        ["auto", "none"], else_=" (a mask of your own lies beside its scan, as <scan>_brain_mask.nii.gz)"
    ),
    "dicom_seg": flag,
    "graph": flag,
    "half_maximum": flag,
    "min_component": Number(0, 1000, unit="mm3"),
    "overlap": Number(0, 0.9),
    "overwrite": flag,
    "precision": Choice(["auto", "float32"]),
    "probability_dtype": Choice(["float32", "float16"]),
    "report": flag,
    "report_names": flag,
    "report_volumes": count_or_none,
    "runtime": runtime,
    "shard": AnyOf([shard, nothing]),
    "surface": flag,
    "threshold": Number(0, 1, above=True),
    "tta": flag,
    "window": window,
    "windows_at_once": count,
    "write_images": flag,
    # the page
    "settings": mapping,
    # the machine
    "amp": AnyOf([flag, Choice(["auto"])]),
    "cache_rate": share,
    "device": device,
    "num_workers": count_or_none,
    "processes": count,
    "rank": count_or_none,
    "world_size": count,
    # training
    "bright_threshold": positive,
    "checkpoint_interval": count,
    "checkpointing": flag,
    "confidence_threshold": Number(0.5, 1),
    "consistency_max": weight,
    "consistency_slope": weight,
    "crop_pairs": count,
    "crop_size": crop,
    "crops": count,
    "discriminator_lr_factor": weight,
    "ema_period": count,
    "epochs": count,
    "frozen_statistics": flag,
    "iterations_per_epoch": count,
    "start_iterations": AnyOf([count, nothing]),
    "learning_rate": Number(0, 1, above=True),
    "linear_lr_decay": flag,
    "loss_weights": NamedNumbers(weight),
    "low_resolution": share,
    "model": Choice(BASELINES),
    "orientations": Number(1, len(ORIENTATIONS), whole=True),
    "pretrain_epochs": count,
    "previews": flag,
    "reference_intensity": share_range,
    "reference_limit": AnyOf([count, nothing]),
    "reference_masks_per_iteration": count,
    "reference_patches": count_range,
    "reference_scale": share_range,
    "reference_soft_edge": weight,
    "reference_threshold": share,
    "refinement_lr_factor": weight,
    "region_temperature": positive,
    "seed": count_or_none,
    "stage": text,
    "synthetic_margin": count_or_none,
    "synthetic_scale": share_range,
    "synthetic_trees": count_range,
    "temperature": positive,
    "val_interval": count,
    # adaptation and training on synthetic labels
    "guard_crops": count,
    "guard_scans": count,
    "guard_size": crop,
    "heads": count_or_none,
    "mask_scans": count,
    "mask_threshold": Number(0, 1, above=True),
    "noise": Numbers(positive, count=2),
    "point_spread": Numbers(positive, count=2),
    "replayed": count,
    "synthetic_share": share,
    # experiment tracking
    "experiment_name": text,
    "run_name": text,
    "tracking_uri": text,
    # benchmark and simulation
    "brain_share": share,
    "cases": AnyOf([mapping, nothing]),
    "compare_to": text,
    "filter": Choice(["threshold", "frangi", "sato", "jerman"]),
    "filters": mapping,
    "grown": count_or_none,
    "growing": text,
    "growth": Numbers(positive),
    "masks_2d": count_or_none,
    "mni_share": share,
    "only": AnyOf([names, nothing]),
    "paper_set": Choice(["cerebrovascular", "arterial_tree"]),
    "real": count_or_none,
    "shape": Numbers(count, count=3),
    "shifts": AnyOf([names, nothing]),
    "sigmas": Numbers(positive),
    "split": Choice(["training", "validation", "test"]),
    "systems": mapping,
    "tissue": Choice(SOURCES),
    "training_labels": flag,
    "tuning_split": Choice(["training", "validation", "test"]),
}
