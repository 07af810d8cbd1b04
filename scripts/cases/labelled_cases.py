"""The labelled cases that a supervised network learns from."""

from __future__ import annotations

from ..io.user_error import MissingInput
from .datalist import split_cases


def labelled_cases(dataset_dir: str, split: str) -> list[dict[str, str]]:
    """Cases of a split, each with `image`, `label` and, where there is one, `brain_mask`.

    Args:
        dataset_dir: see `split_cases`, whose errors are raised here too.
        split: "training" or "validation".

    Raises:
        FileNotFoundError: the split has no case.
    """
    cases = split_cases(dataset_dir, split, with_labels=True)
    if not cases:
        raise MissingInput(f"{dataset_dir}: no {split} case found; supervised training needs labelled scans.")
    return cases
