from collections import Counter

import numpy as np
import pytest

from scripts.vessels.surface import vessel_surface
from tests.vessels.drawn_vessels import tubes

OBLIQUE = np.array([[0.48, -0.1, 0, 5], [0.1, 0.48, 0, -7], [0, 0, 0.6, 2], [0, 0, 0, 1]])
MIRRORED = np.diag([-0.5, 0.5, 0.5, 1])


def enclosed(vertices: np.ndarray, faces: np.ndarray) -> float:
    """Volume inside a closed surface, by the divergence theorem; positive where faces look outwards."""
    a, b, c = vertices[faces].astype(float).swapaxes(0, 1)
    return float((a * np.cross(b, c)).sum() / 6)


def drawn(affine: np.ndarray) -> np.ndarray:
    """A fork of vessels of 1.2 mm that leaves the volume, and a speck of one voxel."""
    centre = affine[:3, :3] @ [20, 20, 20] + affine[:3, 3]
    ends = [affine[:3, :3] @ end + affine[:3, 3] for end in ([20, 20, -5], [5, 30, 38], [36, 30, 38])]
    mask = tubes(affine, (40, 40, 40), *[(centre, end, 1.2) for end in ends])
    mask[2, 2, 2] = True
    return mask


@pytest.mark.parametrize("affine", [np.eye(4), OBLIQUE, MIRRORED], ids=["plain", "oblique", "mirrored"])
def test_the_surface_is_closed_looks_outwards_and_holds_the_mask(affine: np.ndarray) -> None:
    mask = drawn(affine)
    vertices, faces = vessel_surface(mask, affine)
    edges = Counter((int(a), int(b)) for face in faces for a, b in zip(face, np.roll(face, -1)))
    assert all(edges[b, a] == number == 1 for (a, b), number in edges.items())  # watertight
    voxel = abs(np.linalg.det(affine[:3, :3]))
    # the surface cuts the corners of the outermost voxels
    assert 0.6 * mask.sum() * voxel < enclosed(vertices, faces) < mask.sum() * voxel


def test_vertices_lie_half_a_voxel_around_a_voxel() -> None:
    mask = np.zeros((5, 6, 7))
    mask[1, 2, 3] = 1
    vertices, _ = vessel_surface(mask, OBLIQUE)
    centre = OBLIQUE[:3, :3] @ [1, 2, 3] + OBLIQUE[:3, 3]
    np.testing.assert_allclose(vertices.mean(axis=0), centre, atol=1e-5)
    assert np.linalg.norm(vertices - centre, axis=1).max() <= 0.31


def test_trimesh_calls_it_watertight() -> None:
    trimesh = pytest.importorskip("trimesh")
    mesh = trimesh.Trimesh(*vessel_surface(drawn(MIRRORED), MIRRORED), process=False)
    assert mesh.is_watertight and mesh.is_winding_consistent and mesh.volume > 0


def test_an_empty_mask_has_an_empty_surface() -> None:
    assert [len(part) for part in vessel_surface(np.zeros((4, 4, 4)), np.eye(4))] == [0, 0]
