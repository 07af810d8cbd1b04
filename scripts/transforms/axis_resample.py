"""Resampling to a grid whose axes are parallel to the present one's."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import SpatialResample
from monai.utils import LazyAttr
from torch import Tensor

PARALLEL = 1e-4  # voxels per voxel; what a transform may turn or shear


class AxisResample(SpatialResample):
    """`monai.transforms.SpatialResample` that interpolates along one axis after the other, where axes are parallel.

    The result is the same but for rounding, in a fraction of time and memory: MONAI computes the position of every
    voxel first, three numbers each. Beyond the border the outermost voxel goes on. Of `nearest` the type stays.
    Transforms that turn or shear, and other modes of interpolation, are MONAI's own.
    """

    def __call__(self, img: Tensor, *args: Any, **options: Any) -> Tensor:  # type: ignore[override]
        planned = super().__call__(img, *args, **{**options, "lazy": True})  # what would be done
        if not isinstance(planned, MetaTensor) or not planned.pending_operations:
            return super().__call__(img, *args, **options)
        step = planned.pending_operations[-1]
        matrix, how = np.asarray(step[LazyAttr.AFFINE]), step["extra_info"]
        if not _is_done_here(matrix, how):
            return super().__call__(img, *args, **options)
        shape = [int(side) for side in step[LazyAttr.SHAPE]]
        result = _moved(planned, matrix, shape, how["mode"])
        result.push_applied_operation(step)
        return result

    def inverse(self, data: Tensor) -> Tensor:
        step = self.get_most_recent_transform(data)
        how = step["extra_info"]
        if not isinstance(data, MetaTensor):
            return super().inverse(data)
        matrix = np.linalg.solve(np.asarray(data.affine), np.asarray(how["src_affine"]))
        if not _is_done_here(matrix, how):
            return super().inverse(data)
        self.pop_transform(data)
        return _moved(data, matrix, list(step["orig_size"]), how["mode"])


def _is_done_here(matrix: np.ndarray, how: dict[str, Any]) -> bool:
    turned = matrix[:3, :3] - np.diag(np.diag(matrix[:3, :3]))
    fitting = matrix.shape == (4, 4) and how["mode"] in ("bilinear", "nearest") and how["padding_mode"] == "border"
    return bool(fitting and np.abs(turned).max() < PARALLEL)


def _moved(volume: MetaTensor, matrix: np.ndarray, shape: list[int], mode: str) -> MetaTensor:
    """A volume (C, D, H, W) on the grid whose voxels lie at `matrix` @ voxel, with its affine and history."""
    nearest = mode == "nearest"
    voxels = along_axes(volume.as_tensor(), np.diag(matrix)[:3], matrix[:3, 3], shape, nearest)
    affine = torch.as_tensor(np.asarray(volume.affine) @ matrix)
    meta = {key: value for key, value in volume.meta.items() if key != "affine"}
    return MetaTensor(voxels, affine, meta, list(volume.applied_operations))


def along_axes(volume: Tensor, scale: np.ndarray, offset: np.ndarray, shape: list[int], nearest: bool) -> Tensor:
    """Interpolate (C, D, H, W) at `scale` * index + `offset` for each index below `shape`: (C, *shape).

    Args:
        volume: on any device.
        scale, offset: (3,), voxels of `volume`.
        shape: of the result.
        nearest: the nearest voxel, of the volume's type; else trilinear, float32.

    Example:
        >>> volume = torch.tensor([0.0, 1.0, 4.0]).reshape(1, 3, 1, 1)
        >>> along_axes(volume, np.array([0.5, 1, 1]), np.zeros(3), [6, 1, 1], nearest=False).flatten()
        tensor([0.0000, 0.5000, 1.0000, 2.5000, 4.0000, 4.0000])
    """
    low, high, share = zip(*(_neighbours(*axis, nearest) for axis in zip(volume.shape[1:], scale, offset, shape)))
    result = volume.new_empty((len(volume), *shape), dtype=None if nearest else torch.float32)
    to = result.device
    rows, columns = [[index.to(to) for index in (low[axis], high[axis])] for axis in (1, 2)]
    weights = [share[1][:, None].to(to), share[2].to(to)]
    for channel, target in zip(volume, result):
        for plane, first, last, weight in zip(target, low[0].tolist(), high[0].tolist(), share[0].tolist()):
            if nearest:
                plane.copy_(channel[first].index_select(0, rows[0]).index_select(1, columns[0]))
                continue
            between = torch.lerp(channel[first].float(), channel[last].float(), weight)  # (H, W) of the volume
            between = torch.lerp(between.index_select(0, rows[0]), between.index_select(0, rows[1]), weights[0])
            torch.lerp(between.index_select(1, columns[0]), between.index_select(1, columns[1]), weights[1], out=plane)
    return result


def _neighbours(length: int, scale: float, offset: float, count: int, nearest: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Of `count` positions on an axis the voxel before and that behind, and how far it is to the latter, 0 to 1."""
    position = (scale * torch.arange(count, dtype=torch.float64) + offset).clamp(0, length - 1)
    low = position.round() if nearest else position.floor()
    return low.long(), (low + 1).clamp(max=length - 1).long(), (position - low).float()
