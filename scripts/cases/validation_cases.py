"""The cases that choose the best model."""

from __future__ import annotations

from .datalist import split_cases

UNLABELLED = 2  # training scans that stand in where nothing is labelled


def validation_cases(dataset_dir: str) -> list[dict[str, str]]:
    """The labelled validation split, or where there is none the first two training scans, without label.

    Args:
        dataset_dir: see `split_cases`, whose errors are raised here too.
    """
    return split_cases(dataset_dir, "validation") or split_cases(dataset_dir, "training")[:UNLABELLED]
