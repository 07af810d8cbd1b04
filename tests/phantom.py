"""A bright bent tube in a grey block, defined in millimetres, on any grid and in any file format."""

from __future__ import annotations

from pathlib import Path

import itk
import nibabel as nib
import numpy as np

CENTRE = np.array([12.0, -20.0, 30.0])  # mm, RAS; away from 0, so that a mirrored result cannot look right

RAS = np.diag([1.0, 1.0, 1.0, 1.0])
LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
SUPERIOR_FIRST = np.array([[0.0, 0, 1, 0], [-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]])


def oblique(degrees: float = 20.0) -> np.ndarray:
    """Rotation about two axes, (4, 4)."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    about_x = np.array([[1, 0, 0, 0], [0, c, -s, 0], [0, s, c, 0], [0, 0, 0, 1]])
    about_z = np.array([[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    return about_x @ about_z


def grid(axes: np.ndarray, spacing: tuple[float, float, float], shape: tuple[int, int, int]) -> np.ndarray:
    """Affine (4, 4) of a grid with these axes, centred on the phantom."""
    affine = axes @ np.diag([*spacing, 1.0])
    middle = affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    affine[:3, 3] = CENTRE - middle
    return affine


def phantom(affine: np.ndarray, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Scan, float32: tissue 100, vessel 300, noise of sigma 10; and the vessel mask. (D, H, W) each."""
    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1)  # (D, H, W, 3)
    x, y, z = np.moveaxis(index @ affine[:3, :3].T + affine[:3, 3] - CENTRE, -1, 0)  # mm, (D, H, W) each
    along_x = (np.hypot(y - 4, z) < 2.0) & (x > -2) & (x < 9)
    along_y = (np.hypot(x + 2, z) < 2.0) & (y > -7) & (y < 4)
    vessel = along_x | along_y
    noise = np.random.default_rng(0).normal(0, 10, shape)
    return (100 + 200 * vessel + noise).astype(np.float32), vessel


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Of two masks, bool."""
    return 2 * (a & b).sum() / (a.sum() + b.sum())


def save(path: Path, array: np.ndarray, affine: np.ndarray) -> Path:
    """Write NIfTI with nibabel, other formats with ITK (whose world is LPS)."""
    if path.name.endswith((".nii", ".nii.gz")):
        nib.save(nib.Nifti1Image(array, affine), path)
        return path
    image = itk.image_from_array(np.ascontiguousarray(array.T))
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(lps[:3, 3].tolist())
    image.SetDirection(itk.matrix_from_array(lps[:3, :3] / spacing))
    itk.imwrite(image, str(path))
    return path
