import numpy as np
import pytest

from scripts.vessels.rasterise import rasterise_centreline, rasterise_segments, vessel_label

SHAPE = (24, 24, 24)


def rasterise(*capsules):
    start, end, first, last, values = (np.array(column, float) for column in zip(*capsules))
    return rasterise_segments(start, end, first, last, values, SHAPE)


def test_volume_of_a_sphere():
    fraction, _ = rasterise(([11.3, 12.1, 11.8], [11.3, 12.1, 11.8], 5, 5, 1))
    assert fraction.sum() == pytest.approx(4 / 3 * np.pi * 5**3, rel=0.01)


@pytest.mark.parametrize("radius", [0.5, 1.0, 3.0])
def test_volume_of_an_oblique_capsule(radius):
    a, b = np.array([6.2, 7.1, 6.6]), np.array([15.9, 16.3, 13.4])
    fraction, _ = rasterise((a, b, radius, radius, 1))
    expected = np.pi * radius**2 * np.linalg.norm(b - a) + 4 / 3 * np.pi * radius**3  # cylinder and two half spheres
    assert fraction.sum() == pytest.approx(expected, rel=0.03)


def test_tapered_capsules_match_a_slow_reference(monkeypatch):
    monkeypatch.setattr("scripts.vessels.rasterise.PAIRS", 100)  # several portions
    rng = np.random.default_rng(0)
    shape, count = (6, 7, 8), 5
    start, end = rng.uniform(-2, 9, (2, count, 3))
    end[:2] = start[:2]
    first, last, values = rng.uniform(0.2, 2.5, (3, count))
    fraction, value = rasterise_segments(start, end, first, last, values, shape)
    steps = (np.arange(4) + 0.5) / 4 - 0.5
    for voxel in np.ndindex(shape):
        inside = np.zeros((count, 64), dtype=bool)
        for sample, offset in enumerate(np.ndindex(4, 4, 4)):
            point = voxel + steps[list(offset)]
            for s in range(count):
                axis = end[s] - start[s]
                along = np.clip((point - start[s]) @ axis / max(axis @ axis, 1e-12), 0, 1)
                distance = np.linalg.norm(point - start[s] - along * axis)
                inside[s, sample] = distance <= first[s] + along * (last[s] - first[s])
        assert fraction[voxel] == inside.any(axis=0).mean()
        touching = inside.any(axis=1)
        assert value[voxel] == pytest.approx(values[touching].max() if touching.any() else 0)


def test_no_segments_leave_nothing():
    fraction, value = rasterise_segments(*np.zeros((2, 0, 3)), *np.zeros((3, 0)), SHAPE)
    assert not fraction.any() and not value.any()


def test_overlap_counts_once():
    capsule = ([5, 12, 12], [18, 12, 12], 2, 2, 1)
    np.testing.assert_array_equal(rasterise(capsule, capsule)[0], rasterise(capsule)[0])


def test_value_is_the_greatest_of_those_that_touch():
    _, value = rasterise(([5, 12, 12], [18, 12, 12], 1, 1, 0.5), ([12, 5, 12], [12, 18, 12], 1, 1, 2))
    assert value[12, 12, 12] == 2
    assert value[6, 12, 12] == 0.5
    assert value[0, 0, 0] == 0


def test_label_keeps_the_centreline_of_thin_vessels_whole():
    start, end = np.array([[3.4, 4.5, 5.5]]), np.array([[20.1, 17.3, 15.2]])
    fraction, _ = rasterise((start[0], end[0], 0.2, 0.2, 1))
    line = rasterise_centreline(start, end, SHAPE)
    assert not (fraction >= 0.5).any()
    assert (vessel_label(fraction, line) == line).all()
    assert line[3, 4, 6] or line[3, 4, 5]
    assert line[20, 17, 15]


def test_what_leaves_the_grid_is_cut():
    fraction, _ = rasterise(([-5, 12, 12], [40, 12, 12], 2, 2, 1), ([50, 50, 50], [60, 60, 60], 1, 1, 1))
    assert fraction[0, 12, 12] == 1
    assert fraction[-1, 12, 12] == 1
