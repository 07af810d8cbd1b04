import os
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from scripts.metrics.betti import betti_numbers
from scripts.simulation.arterial_tree import grow_arterial_tree
from scripts.vessels.swc import read_swc, to_ras
from scripts.vessels.vessel_graph import vessel_graph
from tests.phantom import LPS, RAS, SUPERIOR_FIRST, grid, oblique
from tests.synthetic_head import synthetic_head
from tests.vessels.drawn_vessels import draw, tubes

SHAPE = (60, 60, 60)


def length(segments):
    return sum(segment.length for segment in segments)


def degrees(segments):
    return np.bincount([node for segment in segments for node in (segment.start, segment.end)])


def drawn(tree, spacing):
    """The tree, its mask, the voxels' size, and the graph of the mask."""
    mask, affine = draw(tree, spacing)
    return tree, mask, spacing, vessel_graph(mask, affine)


@pytest.fixture(scope="module", params=[(1, 0.5), (2, 0.6)], ids=["0.5 mm", "0.6 mm"])
def grown(request):
    seed, spacing = request.param
    return drawn(grow_arterial_tree(seed, 40, scale=0.6), spacing)


def test_length_of_a_tree(grown):
    tree, _, _, segments = grown
    assert length(segments) == pytest.approx(tree.segment_lengths().sum(), rel=0.1)


def test_radius_of_a_tree(grown):
    check_radius(*grown)


@pytest.mark.skipif("VESSEL_SLD_DATA" not in os.environ, reason="VESSEL_SLD_DATA names no folder with traced trees")
def test_length_and_radius_of_a_traced_tree():
    file = Path(os.environ["VESSEL_SLD_DATA"]) / "arterial_trees" / "test" / "BG0021.swc"
    tree, mask, spacing, segments = drawn(read_swc(file), 0.6)
    assert length(segments) == pytest.approx(tree.segment_lengths().sum(), rel=0.1)
    check_radius(tree, mask, spacing, segments)


def check_radius(tree, mask, spacing, segments):
    start, end = tree.segments()
    parts = np.linspace(0, 1, 8)[:, None, None]
    points = to_ras(tree.points)
    line = ((1 - parts) * points[start] + parts * points[end]).reshape(-1, 3)
    radius = ((1 - parts[..., 0]) * tree.radii[start] + parts[..., 0] * tree.radii[end]).ravel()
    found = np.concatenate([segment.points for segment in segments])
    distance, nearest = cKDTree(line).query(found)
    error = np.concatenate([segment.radii for segment in segments]) - radius[nearest]
    assert np.quantile(distance, 0.95) < 1.5 * spacing  # the centreline is a centreline
    assert abs(error.mean()) < 0.1 * spacing
    assert (np.abs(error) < 0.5 * spacing).mean() > 0.95
    assert max(segment.radii.max() for segment in segments) == pytest.approx(tree.radii.max(), abs=0.5 * spacing)


def test_loops_and_pieces_are_those_of_the_mask(grown):
    _, mask, _, segments = grown  # branches of a grown tree touch one another
    b0, b1 = betti_numbers(mask=mask)
    nodes = np.unique([(segment.start, segment.end) for segment in segments])
    assert b1 > 5
    assert len(segments) - len(nodes) + b0 == pytest.approx(b1, abs=1)


def test_ends_of_a_tree(grown):
    tree, _, _, segments = grown
    ends = len(tree.terminals()) + (tree.parents < 0).sum()
    assert (degrees(segments) == 1).sum() == pytest.approx(ends, rel=0.1)


@pytest.mark.parametrize("radius", [1.0, 2.0, 3.3])
@pytest.mark.parametrize("spacing", [(0.5, 0.5, 0.5), (0.5, 0.5, 1.0), (0.9, 0.4, 0.6)])
@pytest.mark.parametrize("axes", [RAS, LPS, SUPERIOR_FIRST, oblique()], ids=["RAS", "LPS", "superior first", "oblique"])
def test_straight_tube_on_any_grid(axes, spacing, radius):
    affine = grid(axes, spacing, SHAPE)
    start, end = np.array([5.0, -20, 30]), np.array([19.0, -24, 30])  # around the middle of the grid, mm
    (segment,) = vessel_graph(tubes(affine, SHAPE, (start, end, radius)), affine)
    ends = segment.points[[0, -1]] if segment.points[0, 0] < segment.points[-1, 0] else segment.points[[-1, 0]]
    np.testing.assert_allclose(ends, [start, end], atol=radius / 2 + max(spacing))
    assert segment.length == pytest.approx(np.linalg.norm(end - start), abs=radius + 2 * max(spacing))
    np.testing.assert_allclose(segment.radii, radius, atol=max(spacing) / 2)
    assert segment.length / segment.chord == pytest.approx(1, abs=0.02)


def test_ring():
    x, y, z = np.meshgrid(*[np.arange(40) - 20.0] * 3, indexing="ij")
    ring = np.hypot(np.hypot(x, y) - 12, 2 * z) <= 2.6  # its slices are twice as thick
    (segment,) = vessel_graph(ring, np.diag([1, 1, 2, 1]))
    assert segment.start == segment.end
    assert segment.chord == 0
    assert segment.length == pytest.approx(2 * np.pi * 12, rel=0.03)
    np.testing.assert_allclose(segment.radii, 2.6, atol=0.5)


def test_branching():
    middle, ends = np.array([20.0, 20, 20]), np.array([[5.0, 20, 20], [33, 8, 20], [33, 32, 24]])
    radii = [2.3, 1.7, 1.7]
    mask = tubes(np.eye(4), (40, 40, 40), *[(middle, end, r) for end, r in zip(ends, radii)])
    segments = vessel_graph(mask, np.eye(4))
    assert len(segments) == 3
    assert sorted(degrees(segments))[-4:] == [1, 1, 1, 3]
    for segment in segments:
        tips = segment.points[[0, -1]]
        nearest = np.linalg.norm(tips[:, None] - ends, axis=2).min(axis=0).argmin()
        assert np.linalg.norm(tips - middle, axis=1).min() < 2
        assert segment.length == pytest.approx(np.linalg.norm(ends[nearest] - middle), abs=2)
        assert segment.radii.mean() == pytest.approx(radii[nearest], abs=0.5)


def test_a_ring_and_two_straight_vessels_of_even_width():
    _, _, vessels = synthetic_head()  # 2 mm: a circle of Willis, radius 10 mm; two arteries that run down from it
    segments = vessel_graph(vessels, np.diag([2.0, 2, 2, 1]))
    assert (degrees(segments) == 1).sum() == 2
    assert length(segments) == pytest.approx(2 * np.pi * 10 + 2 * 29, rel=0.1)


def test_a_bump_is_no_branch_and_a_twig_is():
    bump = [((5, 20, 20), (35, 20, 20), 3), ((20, 20, 20), (20, 23, 20), 1)]
    twig = [((5, 20, 20), (35, 20, 20), 3), ((20, 20, 20), (20, 28, 20), 1)]
    assert len(vessel_graph(tubes(np.eye(4), (40, 40, 40), *bump), np.eye(4))) == 1
    assert len(vessel_graph(tubes(np.eye(4), (40, 40, 40), *twig), np.eye(4))) == 3


def test_one_voxel():
    mask = np.zeros((9, 9, 9), dtype=np.uint8)
    mask[2, 3, 4] = 1
    (segment,) = vessel_graph(mask, np.diag([2.0, 2, 2, 1]))
    np.testing.assert_array_equal(segment.points, [[4, 6, 8]])
    assert segment.length == 0
    assert 4 / 3 * np.pi * segment.radii[0] ** 3 == pytest.approx(8)  # the ball of a voxel's volume


def test_nothing_and_everything():
    assert vessel_graph(np.zeros((9, 9, 9)), np.eye(4)) == []
    assert len(vessel_graph(np.ones((9, 9, 9)), np.eye(4))) == 1


def test_flecks_everywhere_are_no_harm():
    noise = np.random.default_rng(0).random((40, 40, 40)) > 0.9
    segments = vessel_graph(noise, np.eye(4))
    assert all(np.isfinite(segment.radii).all() and (segment.radii > 0).all() for segment in segments)
    assert len(segments) > 50
