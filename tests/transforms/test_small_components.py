from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from skimage.measure import label

from scripts.transforms.small_components import RemoveSmallComponentsd
from tests.phantom import oblique

SIDES = [(1.0, 1.0, 1.0), (0.5, 0.5, 0.8), (0.7, 0.7, 0.7), (0.3, 0.3, 0.6)]  # mm


def mask_of(length: int, affine: np.ndarray) -> MetaTensor:
    """One straight component of so many voxels."""
    mask = torch.zeros(1, 20, 5, 4, dtype=torch.uint8)
    mask[0, 2 : 2 + length, 2, 1] = 1
    return MetaTensor(mask, affine=torch.from_numpy(affine))


def remaining(mask: torch.Tensor, min_volume: float, **options: int) -> int:
    return int(RemoveSmallComponentsd("pred", min_volume, **options)({"pred": mask})["pred"].sum())


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("single", [False, True])  # precision, as in the header of a file
def test_what_is_smaller_goes_and_what_has_just_the_volume_stays(
    sides: tuple[float, float, float], turned: bool, single: bool
) -> None:
    affine = (oblique() if turned else np.eye(4)) @ np.diag([*sides, 1.0])
    affine = affine.astype(np.float32).astype(np.float64) if single else affine
    limit = round(10 * float(np.prod(sides)), 6)  # ten voxels, as a user would write it
    assert [remaining(mask_of(length, affine), limit) for length in (9, 10, 11)] == [0, 10, 11]


def test_two_mm3_on_half_a_millimetre_are_sixteen_voxels() -> None:
    affine = np.diag([0.5, 0.5, 0.5, 1.0])
    assert [remaining(mask_of(length, affine), 2.0) for length in (15, 16)] == [0, 16]
    assert [remaining(mask_of(length, np.eye(4)), 2.0) for length in (1, 2)] == [0, 2]


@pytest.mark.parametrize(("connectivity", "kept"), [(3, 4), (2, 0)])
def test_corners_join(connectivity: int, kept: int) -> None:
    mask = torch.zeros(1, 6, 6, 6)
    mask[0, range(1, 5), range(1, 5), range(1, 5)] = 1
    assert remaining(MetaTensor(mask), 4.0, connectivity=connectivity) == kept


def test_it_is_what_a_loop_over_components_leaves() -> None:
    random = torch.rand(1, 30, 30, 30, generator=torch.Generator().manual_seed(0)) > 0.9
    mask = MetaTensor(random.to(torch.uint8), affine=torch.diag(torch.tensor([0.6, 0.5, 0.8, 1.0])))
    expected = random[0].numpy().copy()
    components = label(expected, connectivity=3)
    for number in range(1, components.max() + 1):
        if (components == number).sum() * 0.6 * 0.5 * 0.8 < 1.0 - 1e-6:
            expected[components == number] = False
    result = RemoveSmallComponentsd("pred", 1.0)({"pred": mask})["pred"]
    np.testing.assert_array_equal(result[0].numpy(), expected)
    assert result.dtype == torch.uint8
    assert isinstance(result, MetaTensor)
    assert 0 < expected.sum() < int(random.sum())


def test_an_empty_mask_stays_empty() -> None:
    assert remaining(MetaTensor(torch.zeros(1, 4, 4, 4)), 2.0) == 0


def test_without_a_grid_there_is_no_volume() -> None:
    with pytest.raises(ValueError, match="without its grid"):
        remaining(torch.ones(1, 4, 4, 4), 2.0)
    with pytest.raises(ValueError, match="at least 0"):
        RemoveSmallComponentsd("pred", -1.0)
