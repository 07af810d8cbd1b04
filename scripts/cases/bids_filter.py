"""Which scans of a BIDS tree are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..io.user_error import BadInput, MissingInput


def bids_entities(scan: str) -> dict[str, str]:
    """Entities of a file name: `sub-01_ses-1_acq-tof_angio.nii.gz` -> `{"sub": "01", "ses": "1", "acq": "tof"}`."""
    parts = Path(scan).name.split(".")[0].split("_")
    return dict(part.split("-", 1) for part in parts if "-" in part)


def with_entities(cases: Sequence[dict[str, str]], wanted: Mapping[str, str | Sequence[str]]) -> list[dict[str, str]]:
    """The cases whose scans have one of the wanted labels of every entity.

    Args:
        cases: with `image`.
        wanted: labels by entity, such as `{"sub": ["01", "02"], "acq": "tof"}`; `sub-01` is read as `01`.

    Raises:
        ValueError: a label is no text: numbers lose their zeros.
        FileNotFoundError: no case is left; it says which labels there are.
    """
    allowed = {entity: _labels(entity, labels) for entity, labels in wanted.items()}
    found = [bids_entities(case["image"]) for case in cases]
    kept = [
        case
        for case, entities in zip(cases, found)
        if all(entities.get(entity) in labels for entity, labels in allowed.items())
    ]
    if not kept:
        there = "; ".join(
            f"{entity}: {', '.join(sorted({entities[entity] for entities in found if entity in entities})) or 'none'}"
            for entity in allowed
        )
        raise MissingInput(f"no scan has the wanted entities {dict(wanted)}. There are {there}.")
    return kept


def _labels(entity: str, labels: str | Sequence[str]) -> set[str]:
    labels = [labels] if isinstance(labels, (str, int, float)) else labels
    for label in labels:
        if not isinstance(label, str):
            raise BadInput(f"the label {label} of '{entity}' is no text; write it in quotes, such as '01'.")
    return {label.removeprefix(f"{entity}-") for label in labels}
