"""The cases that are scored."""

from __future__ import annotations

from .datalist import training_cases
from .scan_files import scan_name


def evaluation_cases(dataset_dir: str, split: str) -> list[dict[str, str]]:
    """Annotated cases of a split: `image`, `name`, `brain_mask` where there is one, and the label's path as `truth`.

    The label is not called `label`: it is scored on its own grid, and must not be preprocessed with the scan.

    Args:
        dataset_dir: see `training_cases`, whose errors are raised here too.
        split: "validation" or "test".

    Raises:
        ValueError: the training split.
        FileNotFoundError: the split has no case.
    """
    if split == "training":
        raise ValueError("the training split is not scored: networks have learnt from it; choose validation or test.")
    cases = training_cases(dataset_dir, split)
    if not cases:
        raise FileNotFoundError(f"{dataset_dir}: no {split} case found; there is nothing to score.")
    for case in cases:
        case["truth"] = case.pop("label")
        case["name"] = scan_name(case["image"])
    return cases
