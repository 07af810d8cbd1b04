"""From a vessel probability to a mask."""

from __future__ import annotations

from monai.config import KeysCollection
from monai.transforms import AsDiscreted


class VesselThresholdd(AsDiscreted):
    """`monai.transforms.AsDiscreted` of probabilities: 1 where they reach a threshold, else 0.

    MONAI Label hands over whatever its user types: a threshold that no probability can have would give an empty or a
    full mask without a word.

    Args:
        keys: probabilities of any shape.
        threshold: greater than 0, at most 1.

    Raises:
        ValueError: another threshold.

    Example:
        >>> VesselThresholdd("pred", 0.3)({"pred": MetaTensor([0.2, 0.3])})["pred"]
        metatensor([0., 1.])
    """

    def __init__(self, keys: KeysCollection, threshold: float) -> None:
        if not 0 < threshold <= 1:
            raise ValueError(f"threshold must be greater than 0, at most 1, got {threshold}.")
        super().__init__(keys, threshold=threshold)
