"""Where in a volume a mask lies."""

from __future__ import annotations

import numpy as np

Box = tuple[slice, slice, slice]


def bounding_box(mask: np.ndarray, margin: int = 0) -> Box:
    """The smallest box that holds a mask (D, H, W), and `margin` voxels around it where the volume has them.

    Of an empty mask it is empty.

    Example:
        >>> mask = np.zeros((5, 6, 7), bool)
        >>> mask[2:4, 1, 3] = True
        >>> bounding_box(mask)
        (slice(2, 4, None), slice(1, 2, None), slice(3, 4, None))
    """
    flat = np.any(mask, axis=2)  # (D, H)
    first, second, third = (
        _extent(np.flatnonzero(line), margin) for line in (flat.any(axis=1), flat.any(axis=0), mask.any(axis=(0, 1)))
    )
    return first, second, third


def _extent(covered: np.ndarray, margin: int) -> slice:
    return slice(max(int(covered[0]) - margin, 0), int(covered[-1]) + 1 + margin) if len(covered) else slice(0, 0)
