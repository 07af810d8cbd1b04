import numpy as np
import pytest

from scripts.simulation.arterial_tree import grow_arterial_tree


@pytest.fixture(scope="module")
def tree():
    return grow_arterial_tree(3)


def test_resembles_traced_trees(tree):
    # the traced trees: about 3000 nodes, 70 to 150 ends, 4.7 to 8.7 m, radii 0.31 to 3.2 mm
    assert 2000 < len(tree.points) < 4000
    assert 95 <= len(tree.terminals()) <= 110
    assert 5000 < tree.segment_lengths().sum() < 9000
    assert 0.3 < tree.radii.min() < 0.35
    assert 1.2 < tree.radii.max() < 3.2
    assert 0.4 < np.median(tree.radii) < 0.6


def test_three_trunks_enter_from_below(tree):
    roots = np.flatnonzero(tree.parents < 0)
    assert len(roots) == 3
    assert tree.points[roots, 1].max() < np.quantile(tree.points[:, 1], 0.05)


def test_cubed_radii_add_at_branchings(tree):
    children = np.bincount(tree.parents[tree.parents >= 0], minlength=len(tree.points))
    forks = np.flatnonzero(children > 1)
    assert len(forks) > 50
    for fork in forks:
        assert (tree.radii[tree.parents == fork] ** 3).sum() == pytest.approx(tree.radii[fork] ** 3)


def test_function_of_the_seed(tree):
    np.testing.assert_array_equal(grow_arterial_tree(3).points, tree.points)
    other = grow_arterial_tree(4)
    assert len(other.points) != len(tree.points) or not np.allclose(other.points, tree.points)
