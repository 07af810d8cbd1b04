"""Where in a volume a mask lies."""

from __future__ import annotations

import numpy as np
from monai.transforms import generate_spatial_bounding_box

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
    low, high = generate_spatial_bounding_box(mask[None], margin=margin, allow_smaller=True)
    first, second, third = (slice(int(start), int(end)) for start, end in zip(low, high))
    return first, second, third
