import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.transforms.half_maximum import HalfMaximumd


def volume(values: np.ndarray, spacing: tuple[float, float, float] = (0.6, 0.6, 0.6)) -> MetaTensor:
    return MetaTensor(torch.from_numpy(values.astype(np.float32))[None], affine=np.diag([*spacing, 1.0]))


def slow(p: np.ndarray, voxels: tuple[int, int, int]) -> np.ndarray:
    """The definition, voxel by voxel."""
    kept = np.zeros_like(p)
    for place in np.ndindex(p.shape):
        box = tuple(slice(max(i - r, 0), i + r + 1) for i, r in zip(place, voxels))
        kept[place] = p[place] if 2 * p[place] >= p[box].max() else 0
    return kept


@pytest.mark.parametrize(
    ("spacing", "voxels"),
    [((0.6, 0.6, 0.6), (1, 1, 1)), ((0.3, 0.3, 0.6), (2, 2, 1)), ((0.8, 0.25, 1.5), (1, 2, 1))],
)
def test_is_its_definition(spacing: tuple[float, float, float], voxels: tuple[int, int, int]) -> None:
    p = np.random.default_rng(0).random((7, 8, 9)).astype(np.float32) ** 3
    kept = HalfMaximumd("pred", reach=0.6)({"pred": volume(p, spacing)})["pred"]
    assert 0.1 < (kept > 0).float().mean() < 0.9
    assert np.array_equal(kept[0].numpy(), slow(p, voxels))


def test_a_blurred_line_becomes_a_line_and_a_block_stays() -> None:
    p = np.zeros((9, 20, 20))
    p[3:6, :, 3:6], p[4, :, 4] = 0.4, 0.9  # a line with its blur
    p[:, 12:18, 12:18] = 0.9
    kept = HalfMaximumd("pred", reach=0.6)({"pred": volume(p)})["pred"]
    assert isinstance(kept, MetaTensor) and torch.equal(kept.affine, volume(p).affine)
    assert (kept[0, 4, :, 4] == np.float32(0.9)).all() and (kept[0, :, :11] > 0).sum() == 11
    assert (kept[0, :, 12:18, 12:18] == np.float32(0.9)).all()


def test_a_reach_that_is_not_positive_raises() -> None:
    with pytest.raises(ValueError, match="reach"):
        HalfMaximumd("pred", reach=0.0)
