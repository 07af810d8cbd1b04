from pathlib import Path

import nibabel as nib
import numpy as np

from scripts.results.surface_files import STL_FACE, write_gifti, write_stl

VERTICES = np.array([[0, 0, 0], [2, 0, 0], [0, 3, 0], [0, 0, 4]], dtype=np.float32)
FACES = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], dtype=np.int32)  # a tetrahedron


def test_gifti_holds_vertices_and_faces(tmp_path: Path) -> None:
    write_gifti(VERTICES, FACES, tmp_path / "a.surf.gii")
    points, triangles = nib.load(tmp_path / "a.surf.gii").agg_data(("pointset", "triangle"))
    np.testing.assert_array_equal(points, VERTICES)
    np.testing.assert_array_equal(triangles, FACES)


def test_stl_holds_every_face_with_its_outward_normal(tmp_path: Path) -> None:
    write_stl(VERTICES, FACES, tmp_path / "a.stl")
    content = (tmp_path / "a.stl").read_bytes()
    assert np.frombuffer(content[80:84], "<u4")[0] == len(FACES)
    table = np.frombuffer(content[84:], STL_FACE)
    np.testing.assert_array_equal(table["corners"], VERTICES[FACES])
    np.testing.assert_allclose(np.linalg.norm(table["normal"], axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(table["normal"][0], [0, 0, -1])


def test_an_empty_surface_has_files_too(tmp_path: Path) -> None:
    empty = np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)
    write_stl(*empty, tmp_path / "a.stl")
    write_gifti(*empty, tmp_path / "a.surf.gii")
    assert (tmp_path / "a.stl").stat().st_size == 84
    assert len(nib.load(tmp_path / "a.surf.gii").agg_data("pointset")) == 0
