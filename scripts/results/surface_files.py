"""A surface as GIfTI, for viewers of neuroimaging, and as STL, for a 3D printer."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np

STL_FACE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def write_gifti(vertices: np.ndarray, faces: np.ndarray, path: Path) -> None:
    """Vertices (V, 3), world mm (RAS), and faces (F, 3); read by FreeView, Connectome Workbench, FSLeyes, NiiVue."""
    arrays = [
        nib.gifti.GiftiDataArray(vertices.astype(np.float32), "NIFTI_INTENT_POINTSET", "NIFTI_TYPE_FLOAT32"),
        nib.gifti.GiftiDataArray(faces.astype(np.int32), "NIFTI_INTENT_TRIANGLE", "NIFTI_TYPE_INT32"),
    ]
    nib.save(nib.gifti.GiftiImage(darrays=arrays), path)


def write_stl(vertices: np.ndarray, faces: np.ndarray, path: Path) -> None:
    """The same as binary STL: a header of 80 bytes, the number of faces, and for each its normal and three corners."""
    table = np.zeros(len(faces), STL_FACE)
    table["corners"] = vertices[faces]  # (F, 3, 3)
    first, second, third = table["corners"].swapaxes(0, 1).astype(np.float64)  # (F, 3) each
    normals = np.cross(second - first, third - first)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    table["normal"] = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    with open(path, "wb") as stream:
        stream.write(b"vessels, millimetres, RAS".ljust(80))
        stream.write(np.uint32(len(faces)).astype("<u4").tobytes())
        stream.write(table.tobytes())
