import numpy as np
import pytest

from scripts.vessels.swc import VesselTree, from_ras, read_swc, to_ras, write_swc


def write(tmp_path, text):
    path = tmp_path / "broken.swc"
    path.write_text(text)
    return path


def test_round_trip(tmp_path):
    tree = VesselTree(
        np.array([[0, 0, 0], [3, 0, 0], [3, 4, 0], [3, 0, 1.5]], float),
        np.array([2, 1.5, 1, 0.5]),
        np.array([-1, 0, 1, 1]),
    )
    write_swc(tree, tmp_path / "tree.swc")
    again = read_swc(tmp_path / "tree.swc")
    np.testing.assert_allclose(again.points, tree.points)
    np.testing.assert_allclose(again.radii, tree.radii)
    np.testing.assert_array_equal(again.parents, tree.parents)
    np.testing.assert_allclose(again.segment_lengths(), [3, 4, 1.5])
    np.testing.assert_array_equal(again.terminals(), [2, 3])


def test_children_listed_before_their_parents_are_sorted(tmp_path):
    tree = read_swc(write(tmp_path, "7 0 2 0 0 1 3\n3 0 1 0 0 1 9 # middle\n\n9 0 0 0 0 1 -1\n"))
    np.testing.assert_array_equal(tree.points[:, 0], [0, 1, 2])
    np.testing.assert_array_equal(tree.parents, [-1, 0, 1])


def test_blood_comes_from_the_nearest_wide_end():
    # root - 10 mm - branching - 10 mm - a wide end (an inlet); 5 mm from the branching a thin end
    tree = VesselTree(
        np.array([[0, 0, 0], [10, 0, 0], [20, 0, 0], [10, 5, 0]], float),
        np.array([2, 1, 1.5, 0.4]),
        np.array([-1, 0, 1, 1]),
    )
    np.testing.assert_allclose(tree.inflow_distance(), [0, 10, 0, 15])


def test_axes_turn_without_mirroring():
    axes = to_ras(np.eye(3))  # right, superior, posterior
    np.testing.assert_array_equal(axes, [[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    assert np.linalg.det(axes) == pytest.approx(1)
    np.testing.assert_array_equal(from_ras(axes), np.eye(3))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 0 0 0 0 1 2\n2 0 1 0 0 1 1\n", "cycle"),
        ("1 0 0 0 0 1 -1\n2 0 1 0 0 1 8\n", "8"),
        ("1 0 0 0 0 -1 -1\n", "positive radius"),
        ("1 0 0 0 0 1 -1\nx y z\n", "line 2"),
        ("1 0 0 0 0 1\n", "line 1"),
        ("1 0 nan 0 0 1 -1\n", "line 1"),
        ("1 0 0 0 0 1 -1\n1 0 1 0 0 1 -1\n", "more than once"),
        ("# nothing\n", "no node"),
    ],
)
def test_bad_files_are_named(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as error:
        read_swc(write(tmp_path, text))
    assert "broken.swc" in str(error.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.swc"):
        read_swc(tmp_path / "none.swc")
