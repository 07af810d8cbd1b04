import csv

import numpy as np
import pytest

from scripts.results.graph_files import SEGMENT_COLUMNS, graph_summary, lengths_by_calibre, vessel_tree, write_segments
from scripts.vessels.swc import read_swc, write_swc
from scripts.vessels.vessel_graph import VesselSegment, vessel_graph
from tests.vessels.drawn_vessels import tubes


def segment(start, end, *points, radius=1.0):
    line = np.array(points, dtype=float)
    return VesselSegment(line, np.full(len(line), radius), start, end)


# a thick trunk, 10 mm; it parts into two arms that meet again, 8 and 6 mm; a twig from there, 3 mm; and a fleck
TRUNK = segment(0, 1, [0, 0, 0], [5, 0, 0], [10, 0, 0], radius=2)
NEAR = segment(1, 2, [10, 0, 0], [10, 6, 0])
FAR = segment(2, 1, [10, 6, 0], [11, 6, 0], [11, 0, 0], [10, 0, 0])
TWIG = segment(3, 2, [10, 9, 0], [10, 6, 0], radius=0.5)
FLECK = segment(7, 7, [30, 30, 30])
GRAPH = [TWIG, FAR, NEAR, TRUNK, FLECK]


def test_the_swc_keeps_length_radii_and_pieces(tmp_path):
    tree, rows = vessel_tree(GRAPH)
    write_swc(tree, tmp_path / "a.swc", axes="right, anterior, superior")
    again = read_swc(tmp_path / "a.swc")
    assert "right, anterior, superior" in (tmp_path / "a.swc").read_text().splitlines()[0]
    assert again.segment_lengths().sum() == pytest.approx(10 + 6 + 8 + 3)
    assert (again.parents < 0).sum() == 2
    np.testing.assert_array_equal(again.points[0], [0, 0, 0])  # rooted at the thickest end
    np.testing.assert_array_equal(tree.points[rows[2]], [10, 6, 0])
    np.testing.assert_array_equal(tree.points[rows[7]], [30, 30, 30])
    # the loop is cut open: the node where it closes is there a second time
    assert len(again.points) == len(np.unique(again.points, axis=0)) + 1
    assert sorted(set(again.radii)) == [0.5, 1, 2]


def test_the_table_of_segments(tmp_path):
    _, rows = vessel_tree(GRAPH)
    write_segments(GRAPH, rows, tmp_path / "a.csv")
    with open(tmp_path / "a.csv", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert tuple(table[0]) == SEGMENT_COLUMNS
    assert [row["length_mm"] for row in table] == ["3.000", "8.000", "6.000", "10.000", "0.000"]
    assert [row["tortuosity"] for row in table] == ["1.000", "1.333", "1.000", "1.000", ""]
    assert (table[3]["start_node"], table[3]["end_node"]) == ("1", table[2]["start_node"])
    assert (table[3]["mean_radius_mm"], table[3]["min_radius_mm"], table[3]["max_radius_mm"]) == ("2.000",) * 3


def test_summary():
    assert graph_summary(GRAPH) == {
        "length_m": "0.027",
        "length_thin_m": "0.000",  # the twig's radius is 0.5: not below it
        "length_medium_m": "0.003",
        "length_thick_m": "0.024",
        "branches": "5",
        "bifurcations": "2",
        "end_points": "2",
        "mean_radius_mm": "1.315",  # (3 * 0.5 + 14 * 1 + 10 * 2) / 27
        "max_radius_mm": "2.000",
        "mean_tortuosity": "1.080",  # 27 / (10 + 6 + 6 + 3)
    }
    assert list(graph_summary([]).values()) == ["0.000"] * 4 + ["0"] * 3 + [""] * 3
    assert graph_summary([FLECK])["mean_radius_mm"] == "1.000"


def test_lengths_by_calibre_of_drawn_vessels():
    lines = [((5, 8, 8), (55, 8, 8), 0.4), ((5, 20, 20), (45, 20, 20), 0.8), ((5, 30, 8), (35, 30, 8), 1.6)]
    affine = np.diag([0.2, 0.2, 0.2, 1.0])
    segments = vessel_graph(tubes(affine, (300, 200, 140), *lines), affine)
    np.testing.assert_allclose(lengths_by_calibre(segments), [50, 40, 30], rtol=0.05)
    assert float(graph_summary(segments)["mean_tortuosity"]) == pytest.approx(1, abs=0.02)


def test_a_widening_vessel_counts_in_parts():
    vessel = VesselSegment(
        np.array([[0, 0, 0], [4, 0, 0], [10, 0, 0], [11, 0, 0.0]]), np.array([0.2, 0.6, 1.2, 1.4]), 0, 1
    )
    np.testing.assert_allclose(lengths_by_calibre([vessel]), [4, 6, 1])  # radii 0.4, 0.9, 1.3


def test_an_empty_graph_has_files_too(tmp_path):
    tree, rows = vessel_tree([])
    write_swc(tree, tmp_path / "a.swc")
    write_segments([], rows, tmp_path / "a.csv")
    assert len((tmp_path / "a.swc").read_text().splitlines()) == len((tmp_path / "a.csv").read_text().splitlines()) == 1


def test_from_mask_to_swc(tmp_path):
    lines = [((5, 20, 20), (20, 20, 20), 2.3), ((20, 20, 20), (33, 8, 20), 1.7), ((20, 20, 20), (33, 32, 20), 1.7)]
    segments = vessel_graph(tubes(np.eye(4), (40, 40, 40), *lines), np.eye(4))
    tree, _ = vessel_tree(segments)
    write_swc(tree, tmp_path / "y.swc")
    again = read_swc(tmp_path / "y.swc")
    assert len(again.terminals()) == 2
    assert again.segment_lengths().sum() == pytest.approx(sum(s.length for s in segments), abs=0.05)
    np.testing.assert_allclose(again.points[0], [5, 20, 20], atol=2)  # the thickest end
