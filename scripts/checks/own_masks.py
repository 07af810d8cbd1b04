"""Masks of a few training scans by the weights that adaptation starts from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..cases.datalist import split_cases
from ..io.atomic_file import write_atomically
from .workflow import run_config


def write_own_masks(dataset_dir: str, predictions_dir: str, config_file: str, scans: int, **settings: Any) -> None:
    """Segment the first scans of the training split; finished ones are left alone.

    Args:
        dataset_dir: see `split_cases`, whose errors are raised here too.
        predictions_dir: for the masks.
        config_file: configs/inference.yaml.
        scans: how many.
        **settings: of it, such as `ckpt`.
    """
    cases = split_cases(dataset_dir)[:scans]
    listed = Path(predictions_dir) / "scans.json"
    entries = [{key: str(Path(path).absolute()) for key, path in case.items()} for case in cases]
    write_atomically(listed, lambda partial: partial.write_text(json.dumps(entries)))
    run_config(config_file, logging_file=False, dataset_dir=str(listed), output_dir=predictions_dir, **settings)
