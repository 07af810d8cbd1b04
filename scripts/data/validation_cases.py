"""The cases that choose the best model."""

from __future__ import annotations

from .datalist import training_cases

UNLABELLED = 2  # training scans that stand in where nothing is annotated


def validation_cases(dataset_dir: str) -> list[dict[str, str]]:
    """The annotated validation split, or where there is none the first two training scans, without label.

    Args:
        dataset_dir: see `training_cases`, whose errors are raised here too.
    """
    return training_cases(dataset_dir, "validation") or training_cases(dataset_dir, "training")[:UNLABELLED]
