"""What a reader of a scan assumed or left out, carried with the volume to where its user sees it."""

from __future__ import annotations

import logging

from monai.data import MetaTensor

from .grid import file_of

KEY = "scan_warnings"  # of a volume's meta; one string, since batching would turn a list inside out
SEPARATOR = "; "
UNLIKE_TOF = "does not look like TOF-MRA"  # how the warnings begin after which no vessel is certain

logger = logging.getLogger(__name__)


def add_warning(volume: MetaTensor, words: str) -> None:
    """Log `words`, which name no file, and note them in the volume's meta, once."""
    noted = warnings_of(volume)
    if words not in noted:
        logger.warning("%s: %s", file_of(volume), words)
        volume.meta[KEY] = SEPARATOR.join([*noted, words])


def warnings_of(volume: MetaTensor) -> list[str]:
    """Warnings noted in a volume's meta, or in that of the volume it was made from."""
    return [words for words in str(volume.meta.get(KEY, "")).split(SEPARATOR) if words]


def is_unlike_tof(volume: MetaTensor) -> bool:
    """Whether a volume, or what was made of it, was warned to be no TOF-MRA."""
    return any(words.startswith(UNLIKE_TOF) for words in warnings_of(volume))
