"""Scans that inference must refuse, each with what it tells its user, and odd ones that it must segment."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
from PIL import Image

from tests.dicom_series import save_series
from tests.phantom import LPS, RAS, grid, phantom, save

SHAPE = (20, 18, 12)
AFFINE = grid(LPS, (0.6, 0.6, 0.6), SHAPE)
SCAN = phantom(AFFINE, SHAPE)[0]
INVERTED = np.ones(SHAPE, np.uint8)
INVERTED[2:18, 2:16, 2:10] = 0


def nifti(path: Path, array=SCAN, affine=AFFINE, **header) -> None:
    """Header fields are written over what nibabel would write."""
    save(path, array, affine)
    content = bytearray(gzip.decompress(path.read_bytes()))
    fields = np.frombuffer(content, nib.Nifti1Header.template_dtype, 1).copy()
    for key, value in header.items():
        fields[0][key] = value
    content[:348] = fields.tobytes()
    path.write_bytes(gzip.compress(bytes(content)))


def cut(fraction):
    def write(path):
        save(path, SCAN, AFFINE)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * fraction)])

    return write


def with_value(value):
    scan = SCAN.copy()
    scan[3, 4, 5] = value
    return scan


def colour(path):
    array = np.zeros(SHAPE, dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    nib.save(nib.Nifti1Image(array, AFFINE), path)


def sheared():
    affine = AFFINE.copy()
    affine[0, 2] = 0.2
    return affine


def mask(array, affine=AFFINE):
    def write(path):
        save(path, SCAN, AFFINE)
        save(path.with_name(path.name.replace(".nii.gz", "_brain_mask.nii.gz")), array, affine)

    return write


def dicom_with_a_gap(path):
    files = save_series(path, SCAN, AFFINE)
    files[4].unlink()


FAULTS = {
    # name of the scan: how it is made, what its user is told
    "cut10": (cut(0.1), "cannot read"),
    "cut50": (cut(0.5), "cannot read"),
    "cut99": (cut(0.99), "cannot read"),
    "zero_bytes": (lambda path: path.touch(), "cannot read"),
    "noise": (lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)), "cannot read"),
    "no_gz": (lambda path: path.write_bytes(b"NRRD0004\n"), "cannot read"),
    "picture": (lambda path: Image.new("L", (9, 9)).save(path, format="PNG"), "cannot read"),
    "broken_link": (lambda path: path.symlink_to("gone"), "cannot read"),
    "flat": (lambda path: nifti(path, SCAN[:, :, 0]), "a 3D scan is needed"),
    "slice": (lambda path: nifti(path, SCAN[:, :, :1]), "a single slice"),
    "series4d": (lambda path: nifti(path, np.stack([SCAN, SCAN], -1)), "2 values per voxel"),
    "colour": (colour, "grey-value"),
    "complex": (lambda path: save(path, SCAN.astype(np.complex64), AFFINE), "complex numbers"),
    "nan": (lambda path: nifti(path, with_value(np.nan)), "NaN or infinite"),
    "infinite": (lambda path: nifti(path, with_value(np.inf)), "NaN or infinite"),
    "too_large": (lambda path: nifti(path, with_value(1.0).astype(np.float64) * 1e60), "NaN or infinite"),
    "constant": (lambda path: nifti(path, np.full(SHAPE, 3, np.int16)), "all voxels have the value 3"),
    "huge_voxels": (lambda path: nifti(path, SCAN, np.diag([1000.0, 1000, 1000, 1])), "1e+03 x 1e+03 x 1e+03 mm"),
    "flat_voxels": (lambda path: nifti(path, SCAN, np.diag([0.6, 0.6, 1e-6, 1])), "voxels of 0.6 x 0.6 x 1e-06 mm"),
    "zero_row": (lambda path: nifti(path, srow_z=[0, 0, 0, 0], srow_x=[0, 0, 0, 0]), "contradicts itself"),
    "nowhere": (lambda path: nifti(path, srow_x=[np.nan, 0, 0, 0]), "contradicts itself"),
    "two_sizes": (lambda path: nifti(path, pixdim=[1, 0.6, 0.6, 1.2, 1, 1, 1, 1]), "contradicts itself"),
    "no_size": (lambda path: nifti(path, sform_code=0, pixdim=[1, 0, 0.6, 0.6, 1, 1, 1, 1]), "voxels of 0 mm"),
    "sheared": (lambda path: nifti(path, SCAN, sheared(), sform_code=1, qform_code=0), "not at right angles"),
    "other_grid": (mask(np.ones((20, 18, 11), np.uint8)), "resample it onto"),
    "mask_moved": (mask(np.ones(SHAPE, np.uint8), grid(RAS, (0.6, 0.6, 0.6), SHAPE) + np.eye(4)), "mm off its scan"),
    "mask_empty": (mask(np.zeros(SHAPE, np.uint8)), "is empty"),
    "mask_inverted": (mask(INVERTED), "is it inverted"),
    "mask_cut": (mask(np.ones(SHAPE, np.uint8)), "cannot read"),
    "series_with_gap": (dicom_with_a_gap, "slices are missing"),
}
SOUND = {
    # name of the scan: how it is made
    "small": lambda path: nifti(path),  # than the window, as they all are
    "thin": lambda path: nifti(path, SCAN[:, :, :2]),
    "no_position": lambda path: nifti(path, sform_code=0, qform_code=0),
    "negative": lambda path: nifti(path, sform_code=0, qform_code=0, pixdim=[1, -0.6, -0.6, -0.6, 1, 1, 1, 1]),
    "left_handed": lambda path: nifti(path, SCAN, grid(np.diag([-1.0, 1, 1, 1]), (0.6, 0.6, 0.6), SHAPE)),
    "long_integers": lambda path: nib.save(nib.Nifti1Image(SCAN.astype(int), AFFINE, dtype=np.uint64), path),
}
