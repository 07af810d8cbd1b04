"""The vessel probability as it is written and thresholded."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from monai.transforms import MapTransform
from monai.utils import convert_to_dst_type

STEPS = 2**16  # of the probability; noise below a step would fill nine tenths of its file


class VesselProbabilityd(MapTransform):
    """Set `pred` to 0 outside `brain_mask` and round it to 1 / 65536; `probability` is the same volume.

    The transforms that follow make new volumes of `pred`, so that no copy is needed. A mask thresholded at p holds
    exactly the voxels whose probability in the file is at least p.

    Example:
        >>> pred = MetaTensor(torch.tensor([[[[0.25, 1e-6, 0.9]]]]))
        >>> case = VesselProbabilityd()({"pred": pred, "brain_mask": MetaTensor([[[[1, 1, 0]]]])})
        >>> case["probability"].flatten()
        metatensor([0.2500, 0.0000, 0.0000])
    """

    def __init__(self) -> None:
        super().__init__("pred")

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        probability = (d["pred"].as_tensor().float() * STEPS).round_().div_(STEPS)  # (1, D, H, W)
        probability.masked_fill_(d["brain_mask"].as_tensor() == 0, 0)
        d["pred"] = d["probability"] = convert_to_dst_type(probability, d["pred"])[0]
        return d
