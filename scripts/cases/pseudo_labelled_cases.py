"""Unlabelled scans with the masks that inference found in them."""

from __future__ import annotations

import logging
from pathlib import Path

from ..io.printable import printable
from ..io.result_names import VESSELS
from .datalist import split_cases
from .scan_files import named, scan_name

logger = logging.getLogger(__name__)


def pseudo_labelled_cases(dataset_dir: str, predictions_dir: str) -> list[dict[str, str]]:
    """Training cases, each with its mask in `predictions_dir`, `<name>_vessels.*`, as `label`.

    Scans without a mask, such as those that inference could not read, are left out, which the log says.

    Args:
        dataset_dir: see `split_cases`, whose errors are raised here too. Annotations of the training split are not
            looked at.
        predictions_dir: what `configs/inference.yaml` wrote for these scans.

    Raises:
        FileNotFoundError: no scan has a mask.
    """
    cases = split_cases(dataset_dir)
    masks = [named(Path(predictions_dir), printable(scan_name(case["image"])) + VESSELS) for case in cases]
    labelled = [case | {"label": str(mask.absolute())} for case, mask in zip(cases, masks) if mask]
    if not labelled:
        raise FileNotFoundError(
            f"{predictions_dir}: holds no mask {scan_name(cases[0]['image'])}{VESSELS} or of another training scan;"
            " run configs/inference.yaml on the training scans first."
        )
    if len(labelled) < len(cases):
        logger.warning("%s: %d of %d scans have no mask there", predictions_dir, len(cases) - len(labelled), len(cases))
    return labelled
