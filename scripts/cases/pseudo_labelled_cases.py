"""Unlabelled scans with the masks that inference found in them."""

from __future__ import annotations

import logging
from pathlib import Path

from ..io.content import content_sha256
from ..io.printable import printable
from ..io.result_names import SUMMARY, VESSELS
from ..io.summary_rows import summary_rows
from ..io.user_error import BadInput, MissingInput
from .datalist import split_cases
from .scan_files import named, scan_name

logger = logging.getLogger(__name__)


def pseudo_labelled_cases(dataset_dir: str, predictions_dir: str) -> list[dict[str, str]]:
    """Training cases, each with its mask in `predictions_dir`, `<name>_vessels.*`, as `label`.

    Scans without a mask, such as those that inference could not read, are left out, which the log says. Where
    `summary.csv` says from which scan a mask was made, it is told by its content, wherever it lies.

    Args:
        dataset_dir: see `split_cases`, whose errors are raised here too. Annotations of the training split are not
            looked at.
        predictions_dir: what `configs/inference.yaml` wrote for these scans.

    Raises:
        FileNotFoundError: no scan has a mask.
        ValueError: a mask is of another scan of the same name, or of this one before it was changed.
    """
    cases = split_cases(dataset_dir)
    masks = [named(Path(predictions_dir), _name(case) + VESSELS) for case in cases]
    made_from = {row["name"]: row for row in summary_rows(Path(predictions_dir) / SUMMARY) if row["status"] == "done"}
    for case, mask in zip(cases, masks):
        row = made_from.get(_name(case), {}) if mask else {}
        if row.get("scan_sha256") and row["scan_sha256"] != content_sha256(case["image"]):
            raise BadInput(
                f"{mask} is not of {case['image']}: it was made from {row['scan']}, another scan of this name, or this"
                " one before it was changed; run configs/inference.yaml on the training scans into a folder of its own."
            )
    labelled = [case | {"label": str(mask.absolute())} for case, mask in zip(cases, masks) if mask]
    if not labelled:
        raise MissingInput(
            f"{predictions_dir}: holds no mask {scan_name(cases[0]['image'])}{VESSELS} or of another training scan;"
            " run configs/inference.yaml on the training scans first."
        )
    if len(labelled) < len(cases):
        logger.warning("%s: %d of %d scans have no mask there", predictions_dir, len(cases) - len(labelled), len(cases))
    return labelled


def _name(case: dict[str, str]) -> str:
    return printable(scan_name(case["image"]))
