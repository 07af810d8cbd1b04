import pytest
import torch
from monai.data.utils import dense_patch_slices

from scripts.inferers.brain_windows import brain_windows, grid_windows

WINDOW = (16, 12, 8)


def ellipsoid(shape, reach: float = 1.0) -> torch.Tensor:
    axes = [torch.linspace(-1, 1, side) for side in shape]
    return sum(axis**2 for axis in torch.meshgrid(*axes, indexing="ij")) <= reach**2


def covered(corners, window, shape) -> torch.Tensor:
    count = torch.zeros(shape, dtype=torch.int)
    for corner in corners:
        assert all(0 <= start <= length - side for start, side, length in zip(corner, window, shape))
        count[tuple(slice(start, start + side) for start, side in zip(corner, window))] += 1
    return count


@pytest.mark.parametrize("place", [brain_windows, grid_windows])
@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.6])
@pytest.mark.parametrize("shape", [(70, 50, 40), (16, 12, 8), (17, 12, 30)])
def test_windows_cover_the_brain_slab_by_slab(place, overlap, shape):
    brain = ellipsoid(shape, 0.8)
    corners = place(brain, WINDOW, overlap)
    assert covered(corners, WINDOW, shape)[brain].all()
    assert [corner[0] for corner in corners] == sorted(corner[0] for corner in corners)
    assert len(set(corners)) == len(corners)


def test_a_scattered_brain_is_covered():
    brain = torch.rand(60, 40, 40, generator=torch.Generator().manual_seed(0)) > 0.9995
    assert covered(brain_windows(brain, WINDOW, 0.25), WINDOW, brain.shape)[brain].all()


def test_grid_is_monais_without_windows_that_hold_no_brain():
    brain = ellipsoid((70, 50, 40), 0.8)
    places = dense_patch_slices(tuple(brain.shape), WINDOW, (12, 9, 6))
    expected = [tuple(side.start for side in place) for place in places if brain[place].any()]
    assert grid_windows(brain, WINDOW, 0.25) == expected
    assert len(expected) < len(places)


def test_windows_along_the_brain_are_fewer():
    brain = ellipsoid((160, 160, 80), 0.91)
    assert len(brain_windows(brain, (24, 24, 24), 0.25)) < 0.75 * len(grid_windows(brain, (24, 24, 24), 0.25))


def test_a_brain_smaller_than_a_window_is_in_its_middle():
    brain = torch.zeros(60, 60, 60, dtype=torch.bool)
    brain[20:24, 30:34, 0:2] = True
    assert brain_windows(brain, (16, 16, 16), 0.25) == [(14, 24, 0)]


@pytest.mark.parametrize("place", [brain_windows, grid_windows])
def test_no_brain_no_windows(place):
    assert place(torch.zeros(30, 30, 30, dtype=torch.bool), WINDOW, 0.25) == []
