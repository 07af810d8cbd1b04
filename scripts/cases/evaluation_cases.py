"""The cases that are scored."""

from __future__ import annotations

from ..io.printable import printable
from ..io.user_error import BadInput, MissingInput
from .datalist import split_cases
from .scan_files import scan_name


def evaluation_cases(dataset_dir: str, split: str) -> list[dict[str, str]]:
    """Labelled cases of a split: `image`, `label`, `name`, and `brain_mask` where there is one.

    The label is scored on its own grid: it stays a path, since it is not among the keys that are preprocessed.

    Args:
        dataset_dir: see `split_cases`, whose errors are raised here too.
        split: "validation" or "test".

    Raises:
        ValueError: the training split.
        FileNotFoundError: the split has no case.
    """
    if split == "training":
        raise BadInput("the training split is not scored: networks have learnt from it; choose validation or test.")
    cases = split_cases(dataset_dir, split)
    if not cases:
        raise MissingInput(f"{dataset_dir}: no {split} case found; there is nothing to score.")
    for case in cases:
        case["name"] = printable(scan_name(case["image"]))
    return cases
