import numpy as np
import pytest
from scipy.ndimage import label

from scripts.vessels.thinning import centreline_voxels


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("height", [1, 2, 3, 4])
def test_a_bar_of_any_width_has_its_axis(width, height):
    mask = np.zeros((20, 20, 40), dtype=np.uint8)
    mask[3 : 3 + width, 4 : 4 + height, 5:35] = 1  # plain thinning erases six of these bars
    voxels = centreline_voxels(mask, (1, 1, 1))
    assert 25 <= len(voxels) <= 30
    axis = [3 + (width - 1) / 2, 4 + (height - 1) / 2]
    assert np.abs(voxels[:, :2] - axis).max() <= 0.5
    assert mask[tuple(voxels.T)].all()


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_a_branch_of_any_width_is_not_eaten_up(width):
    mask = np.zeros((20, 30, 40), dtype=np.uint8)
    mask[8:11, 2:28, 4:7] = 1
    mask[8 : 8 + width, 14 : 14 + width, 6:38] = 1  # plain thinning leaves nothing of it but where it begins
    voxels = centreline_voxels(mask, (1, 1, 1))
    assert voxels[:, 2].max() >= 34
    assert set(range(5, 34)) <= set(voxels[:, 2])  # without a gap
    assert mask[tuple(voxels.T)].all()
    assert len(voxels) < 26 + 32 + 10


@pytest.mark.parametrize("width", [2, 4])
def test_a_vessel_of_even_width_is_not_lost_to_its_branch(width):
    mask = np.zeros((20, 30, 40), dtype=np.uint8)
    mask[8 : 8 + width, 2:28, 4 : 4 + width] = 1  # plain thinning erases it and leaves the branch alone
    mask[8, 14, 6:38] = 1
    voxels = centreline_voxels(mask, (1, 1, 1))
    trunk = voxels[voxels[:, 2] < 4 + width]
    assert set(range(5, 25)) <= set(trunk[:, 1])
    assert mask[tuple(voxels.T)].all()


def test_every_piece_has_a_voxel():
    rng = np.random.default_rng(0)
    mask = np.zeros((60, 20, 20), dtype=bool)
    for i in range(10):
        mask[6 * i + 1 : 6 * i + 4, 5:12, 5:12] = rng.random((3, 7, 7)) > 0.3
    pieces, count = label(mask, np.ones((3, 3, 3)))
    assert set(pieces[tuple(centreline_voxels(mask, (1, 1, 1)).T)]) == set(range(1, count + 1))


def test_nothing_in_nothing_out():
    assert centreline_voxels(np.zeros((5, 6, 7)), (1, 1, 1)).shape == (0, 3)
