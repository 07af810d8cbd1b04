import numpy as np
from scipy import ndimage

from scripts.simulation.tree_masks import draw_tree_mask


def test_share_of_vessel_is_that_of_coronary_masks():
    for seed in range(6):
        mask = draw_tree_mask(seed)
        assert mask.shape == (300, 300)
        assert mask.dtype == bool
        assert 0.025 < mask.mean() < 0.12


def test_thick_and_thin_vessels():
    thickness = ndimage.distance_transform_edt(draw_tree_mask(1))
    ridge = thickness[(thickness == ndimage.maximum_filter(thickness, 3)) & (thickness > 0)]
    assert np.quantile(ridge, 0.95) > 2 * np.quantile(ridge, 0.2)


def test_function_of_the_seed():
    np.testing.assert_array_equal(draw_tree_mask((0, 1)), draw_tree_mask((0, 1)))
    assert (draw_tree_mask((0, 1)) != draw_tree_mask((0, 2))).any()
