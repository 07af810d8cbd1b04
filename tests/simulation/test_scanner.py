import numpy as np
import pytest

from scripts.simulation.head import head_around
from scripts.simulation.scanner import BLUR, acquire, bias_field, slab_profile


def test_a_point_is_blurred_and_none_of_it_is_lost() -> None:
    point = np.zeros((41, 41, 41), np.float32)
    point[20, 20, 20] = 1
    image = acquire(point, 0.25, 0.0, np.random.default_rng(0))
    assert image.sum() == pytest.approx(1, rel=1e-3)
    offsets = (np.arange(41) - 20) * 0.25
    variance = (image.sum(axis=(1, 2)) * offsets**2).sum()  # mm2
    assert np.sqrt(variance) == pytest.approx(BLUR, rel=0.05)


def test_the_bias_field_has_the_strength_that_is_asked_for() -> None:
    head = head_around(np.array([[-60.0, -70, -50], [60, 70, 50]]))
    shape = head.grid_shape(2.0)
    for strength in (0.06, 0.14):
        fields = [bias_field(head, strength, shape, 2.0, np.random.default_rng(seed)) for seed in range(4)]
        assert np.mean([np.log(field).std() for field in fields]) == pytest.approx(strength, rel=0.3)
        assert all(np.abs(np.diff(field, axis=0)).max() < 0.05 for field in fields)  # smooth: 2 mm change little


def test_blood_saturates_on_its_way_up_a_slab_and_borders_are_darker() -> None:
    heights = np.arange(0, 120, 0.5)
    for seed in range(5):
        tissue, inflow = slab_profile(heights, np.random.default_rng(seed))
        assert 0.85 < tissue.min() < 0.98 and tissue.max() <= 1
        assert 0.6 < inflow.min() < 0.95 and inflow.max() > 0.95
        rises = np.diff(inflow) > 0
        assert rises.any() and (~rises).sum() > 3 * rises.sum()  # it falls but where a slab begins
