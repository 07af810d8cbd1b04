import pytest
import torch
from monai.data.utils import dense_patch_slices

from scripts.inferers.brain_windows import brain_windows

WINDOW = (16, 12, 8)
STEP = (12, 9, 6)


def ellipsoid(shape, reach: float = 1.0) -> torch.Tensor:
    axes = [torch.linspace(-1, 1, side) for side in shape]
    return sum(axis**2 for axis in torch.meshgrid(*axes, indexing="ij")) <= reach**2


def covered(corners, window, shape) -> torch.Tensor:
    count = torch.zeros(shape, dtype=torch.int)
    for corner in corners:
        assert all(0 <= start <= length - side for start, side, length in zip(corner, window, shape))
        count[tuple(slice(start, start + side) for start, side in zip(corner, window))] += 1
    return count


@pytest.mark.parametrize("step", [WINDOW, STEP, (6, 4, 3)])
@pytest.mark.parametrize("shape", [(70, 50, 40), (16, 12, 8), (17, 12, 30)])
def test_windows_cover_the_brain_slab_by_slab(step, shape):
    brain = ellipsoid(shape, 0.8)
    corners = brain_windows(brain, WINDOW, step)
    assert covered(corners, WINDOW, shape)[brain].all()
    assert [corner[0] for corner in corners] == sorted(corner[0] for corner in corners)
    assert len(set(corners)) == len(corners)


def test_a_scattered_brain_is_covered():
    brain = torch.rand(60, 40, 40, generator=torch.Generator().manual_seed(0)) > 0.9995
    assert covered(brain_windows(brain, WINDOW, STEP), WINDOW, brain.shape)[brain].all()


def test_windows_are_monais_without_windows_that_hold_no_brain():
    brain = ellipsoid((70, 50, 40), 0.8)
    places = dense_patch_slices(tuple(brain.shape), WINDOW, STEP)
    expected = [tuple(side.start for side in place) for place in places if brain[place].any()]
    assert brain_windows(brain, WINDOW, STEP) == expected
    assert len(expected) < len(places)


def test_no_brain_no_windows():
    assert brain_windows(torch.zeros(30, 30, 30, dtype=torch.bool), WINDOW, STEP) == []
