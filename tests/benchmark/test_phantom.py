import numpy as np
import pytest

from scripts.benchmark.phantom import NOISE, TISSUE, brain_phantom

SHAPE = (60, 50, 30)


@pytest.fixture(scope="module")
def phantom():
    return brain_phantom(SHAPE, 2.0)


def test_the_brain_is_an_ellipsoid_of_the_share_asked_for(phantom):
    mask = phantom.brain_mask
    assert mask.mean() == pytest.approx(0.4, abs=0.01)
    np.testing.assert_array_equal(mask, mask[::-1, ::-1, ::-1])
    extents = [int(mask.any(axis=tuple({0, 1, 2} - {axis})).sum()) for axis in range(3)]
    assert np.allclose(np.array(extents) / SHAPE, 0.914, atol=0.04)  # (0.4 / (pi / 6))^(1/3)


def test_arteries_are_bright_and_in_the_brain(phantom):
    bright = phantom.scan > TISSUE + 6 * NOISE
    assert 0.001 < bright[phantom.brain_mask > 0].mean() < 0.1
    assert not bright[phantom.brain_mask == 0].any()


def test_normalised_as_by_the_preprocessing(phantom):
    scan = phantom.normalised()
    brain = phantom.brain_mask > 0
    assert scan.dtype == np.float32
    np.testing.assert_array_equal(scan != 0, brain)
    assert np.median(scan[brain]) == pytest.approx(1, abs=1e-6)


def test_a_share_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="brain_share must lie in"):
        brain_phantom(SHAPE, 2.0, brain_share=0.6)
