"""A voxel size or an orientation that no file gave is never taken for one that it gave."""

from __future__ import annotations

from pathlib import Path

import itk
import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.io.scan_warnings import warnings_of
from scripts.io.volumes import as_read, read_volume

SCAN = np.random.default_rng(0).integers(1, 900, (6, 5, 4)).astype("<i2")
GUESS = "left and right are a guess"


def nrrd(path: Path, *fields: str) -> Path:
    lines = ["NRRD0004", "type: short", "dimension: 3", "sizes: 6 5 4", *fields]
    path.write_bytes("\n".join([*lines, "endian: little", "encoding: raw", "", ""]).encode() + SCAN.T.tobytes())
    return path


def mha(path: Path, *fields: str, data: str = "LOCAL") -> Path:
    lines = ["ObjectType = Image", "NDims = 3", "BinaryData = True", "DimSize = 6 5 4", "ElementType = MET_SHORT"]
    text = "\n".join([*lines, *fields, f"ElementDataFile = {data}", ""]).encode()
    path.write_bytes(text + (SCAN.T.tobytes() if data == "LOCAL" else b""))
    return path


@pytest.mark.parametrize(
    "fields",
    [
        [],
        ["spacings: nan nan nan"],
        ["spacings: 0.6 nan 0.6"],
        ["space: left-posterior-superior"],
        ["# spacings: 0.6 0.6 0.6"],
        ["space: left-posterior-superior", "space directions: (0.6,0,0) (0,nan,0) (0,0,0.6)"],
    ],
)
def test_nrrd_without_a_voxel_size_is_refused(tmp_path, fields):
    with pytest.raises(ValueError, match=r"a.nrrd: .*(gives no voxel size \(spacings or space directions\)|cannot|of)"):
        read_volume(str(nrrd(tmp_path / "a.nrrd", *fields)))


@pytest.mark.parametrize("name", ["a.mha", "a.mhd"])
def test_metaimage_without_a_voxel_size_is_refused(tmp_path, name):
    (tmp_path / "a.raw").write_bytes(SCAN.T.tobytes())
    path = mha(tmp_path / name, "Offset = 1 2 3", data="LOCAL" if name.endswith("mha") else "a.raw")
    with pytest.raises(ValueError, match=f"{name}: its header gives no voxel size .ElementSpacing."):
        read_volume(str(path))


SIDES = "space directions: (0.6,0,0) (0,0.6,0) (0,0,0.8)"


@pytest.mark.parametrize(
    ("fields", "warned"),
    [
        (["spacings: 0.6 0.6 0.8"], True),
        (["space dimension: 3", SIDES], True),
        (["space: scanner-xyz", SIDES], True),
        (["space: right-anterior-superior", SIDES], False),
        (["space: LPS", SIDES], False),
        (["space: Left-Posterior-Superior", SIDES], False),
    ],
)
def test_nrrd_without_orientation_is_warned_of(tmp_path, fields, warned):
    volume = read_volume(str(nrrd(tmp_path / "a.nrrd", *fields)))
    np.testing.assert_allclose(volume.pixdim, [0.6, 0.6, 0.8])
    assert warnings_of(volume) == ([f"its header gives no orientation: {GUESS}"] if warned else [])


@pytest.mark.parametrize(
    ("fields", "warned"),
    [
        (["ElementSpacing = 0.6 0.6 0.8"], True),
        (["ElementSize = 0.6 0.6 0.8"], True),
        (["TransformMatrix = 1 0 0 0 1 0 0 0 1", "ElementSpacing = 0.6 0.6 0.8"], False),
    ],
)
def test_metaimage_without_orientation_is_warned_of(tmp_path, fields, warned):
    volume = read_volume(str(mha(tmp_path / "a.mha", *fields)))
    np.testing.assert_allclose(volume.pixdim, [0.6, 0.6, 0.8])
    assert warnings_of(volume) == ([f"its header gives no orientation: {GUESS}"] if warned else [])


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nrrd", "a.mha"])
def test_an_array_that_was_saved_without_geometry_is_warned_of(tmp_path, name):
    path = tmp_path / name
    if name == "a.nii.gz":
        nib.save(nib.Nifti1Image(SCAN, np.eye(4)), path)
    else:
        itk.imwrite(itk.image_from_array(SCAN.T.copy()), str(path))
    (warning,) = warnings_of(read_volume(str(path)))
    assert warning == f"its geometry is that of an array saved without one: voxels of 1 mm assumed, {GUESS}"


@pytest.mark.parametrize(("side", "words"), [(1.0, f"{GUESS}, and the voxels' 1 mm may be one too"), (0.6, GUESS)])
def test_nifti_without_forms(tmp_path, side, words):
    image = nib.Nifti1Image(SCAN, None)
    image.header["pixdim"][1:4] = side
    nib.save(image, tmp_path / "a.nii")
    assert warnings_of(read_volume(str(tmp_path / "a.nii"))) == [f"neither sform nor qform is set: {words}"]


def test_a_volume_in_memory_without_geometry_is_warned_of():
    assert "voxels of 1 mm assumed" in warnings_of(as_read(MetaTensor(torch.rand(4, 4, 4))))[0]
    assert warnings_of(as_read(MetaTensor(torch.rand(4, 4, 4), affine=np.diag([0.6, 0.6, 0.6, 1])))) == []


@pytest.mark.parametrize("ones", [(1,), (1, 1), (1, 1, 1, 1)])
def test_axes_of_one_voxel_after_the_third_are_none(tmp_path, ones):
    affine = np.diag([0.6, 0.7, 0.8, 1.0])
    nib.save(nib.Nifti1Image(SCAN.reshape(*SCAN.shape, *ones), affine), tmp_path / "a.nii.gz")
    volume = read_volume(str(tmp_path / "a.nii.gz"))
    assert volume.shape == (1, *SCAN.shape)
    np.testing.assert_array_equal(volume[0].numpy(), SCAN)
    np.testing.assert_allclose(volume.affine, affine, atol=1e-6)


def test_two_volumes_are_not_made_one(tmp_path):
    nib.save(
        nib.Nifti1Image(np.stack([SCAN, SCAN], axis=-1)[..., None, :], np.diag([0.6, 0.6, 0.6, 1])), tmp_path / "a.nii"
    )
    assert read_volume(str(tmp_path / "a.nii")).shape == (2, *SCAN.shape)  # refused later as 2 values per voxel
