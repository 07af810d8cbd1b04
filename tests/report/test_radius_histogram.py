import numpy as np
import pytest

from scripts.report.radius_histogram import radius_histogram
from scripts.results.graph_files import graph_summary, vessel_tree
from scripts.vessels.swc import VesselTree
from scripts.vessels.vessel_graph import vessel_graph
from tests.vessels.drawn_vessels import tubes


def line(radii: list[float], step: float = 1000.0) -> VesselTree:
    """A straight vessel, a step between nodes in mm."""
    count = len(radii)
    points = np.zeros((count, 3))
    points[:, 0] = step * np.arange(count)
    return VesselTree(points, np.array(radii), np.arange(-1, count - 1))


@pytest.mark.parametrize(
    ("radii", "bars"),
    [
        ([0.25, 0.25, 0.25], {2: 2.0}),
        ([0.5, 0.5], {5: 1.0}),  # on the edge of medium vessels: not below it
        ([0.3, 0.3], {3: 1.0}),  # 0.3 is 3 * 0.1 only nearly
        ([0.2, 0.6, 1.0], {4: 1.0, 8: 1.0}),  # the mean of two ends
        ([2.95, 2.95, 9.0], {29: 2.0}),  # what is wider is in the last
        ([1.0], {}),
    ],
)
def test_drawn_lines(radii: list[float], bars: dict[int, float]) -> None:
    histogram = radius_histogram(line(radii))
    assert histogram.shape == (30,)
    assert {bar: length for bar, length in enumerate(histogram) if length} == pytest.approx(bars)


def test_it_agrees_with_the_lengths_of_the_summary() -> None:
    affine = np.diag([0.4, 0.4, 0.4, 1.0])
    lines = [((4, 4, 8), (30, 4, 8), 0.8), ((4, 12, 8), (30, 12, 8), 2.0)]
    segments = vessel_graph(tubes(affine, (85, 40, 40), *lines), affine)
    histogram, summary = radius_histogram(vessel_tree(segments)[0]), graph_summary(segments)
    assert histogram.sum() == pytest.approx(float(summary["length_m"]), abs=6e-4)
    assert histogram[:5].sum() == pytest.approx(float(summary["length_thin_m"]), abs=6e-4)
    assert histogram[5:10].sum() == pytest.approx(float(summary["length_medium_m"]), abs=6e-4)
    assert histogram[10:].sum() == pytest.approx(float(summary["length_thick_m"]), abs=6e-4)
    assert histogram[5:10].sum() > 0.02 and histogram[15:].sum() > 0.02  # the two vessels, each in its place
