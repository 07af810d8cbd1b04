"""A DICOM series is read onto its place, with its own values."""

import nibabel as nib
import numpy as np
import pydicom
import pytest
from PIL import Image

from scripts.cases.datalist import scan_cases
from scripts.io.scan_warnings import is_unlike_tof, warnings_of
from scripts.io.volumes import read_volume
from tests.dicom_series import SHAPE, edit, series, without_preamble
from tests.phantom import LPS, RAS, SUPERIOR_FIRST, oblique


@pytest.mark.parametrize("axes", [RAS, LPS, SUPERIOR_FIRST, oblique()])
def test_a_series_is_read_onto_its_place(tmp_path, axes):
    array, affine, _ = series(tmp_path / "tof", axes)
    (tmp_path / "tof" / "notes.txt").write_text("no slice")
    volume = read_volume(str(tmp_path / "tof"))
    turned = nib.orientations.ornt_transform(*(nib.io_orientation(a) for a in (affine, volume.affine.numpy())))
    np.testing.assert_array_equal(volume[0].numpy(), nib.apply_orientation(array, turned))
    back = affine @ nib.orientations.inv_ornt_aff(turned, SHAPE)
    np.testing.assert_allclose(volume.affine.numpy(), back, atol=1e-4)


@pytest.mark.parametrize("first", [1.0, 0.01])  # an integer and a fraction, which ITK takes the pixel type from
def test_every_slice_has_a_slope_and_an_intercept_of_its_own(tmp_path, first):
    array, _, files = series(tmp_path / "tof")
    slopes = first * (1 - 0.013 * np.arange(SHAPE[2]))
    intercepts = np.r_[0.0, np.linspace(-3.5, 4.25, SHAPE[2] - 1)]

    def rescale(dataset, index):
        dataset.RescaleSlope, dataset.RescaleIntercept = f"{slopes[index]:.6f}", f"{intercepts[index]:.6f}"

    edit(files, rescale)
    truth = array * slopes.round(6) + intercepts.round(6)
    volume = read_volume(str(tmp_path / "tof"))[0].numpy()
    np.testing.assert_allclose(np.sort(volume, axis=None), np.sort(truth, axis=None), atol=1e-3)
    np.testing.assert_allclose(volume, truth, atol=1e-3)  # LPS: as ITK reads it


def thickness(dataset, index):
    dataset.SliceThickness = "0.8" if index % 2 else "0.80000001"


def slab_names(dataset, index):
    dataset.SequenceName = "*fl3d1r_t70" if index < 3 else "*fl3d1r_t60"
    dataset.SeriesNumber, dataset.SeriesDate = 3 + index // 3, f"2024010{1 + index // 3}"


def no_series_uid(dataset, index):
    del dataset.SeriesInstanceUID


def no_thickness(dataset, index):
    del dataset.SliceThickness


@pytest.mark.parametrize("change", [thickness, slab_names, no_series_uid, no_thickness])
def test_slices_of_one_series_whose_headers_differ(tmp_path, change):
    array, _, files = series(tmp_path / "tof")
    edit(files, change)
    volume = read_volume(str(tmp_path / "tof"))
    np.testing.assert_array_equal(volume[0].numpy(), array)
    assert warnings_of(volume) == []


def test_files_without_preamble_are_a_series(tmp_path):
    array, _, files = series(tmp_path / "scans" / "tof")
    for file in files:
        without_preamble(file)
        assert file.read_bytes()[:2] == b"\x08\x00"
    assert [case["name"] for case in scan_cases(str(tmp_path / "scans"))] == ["tof"]
    np.testing.assert_array_equal(read_volume(str(tmp_path / "scans" / "tof"))[0].numpy(), array)


def test_what_a_mac_leaves_beside_the_slices_is_passed_over(tmp_path):
    array, _, _ = series(tmp_path / "tof")
    (tmp_path / "tof" / "._slice_001.dcm").write_bytes(b"\x00\x05\x16\x07" + bytes(200))
    (tmp_path / "tof" / ".DS_Store").write_bytes(bytes(200))
    np.testing.assert_array_equal(read_volume(str(tmp_path / "tof"))[0].numpy(), array)


@pytest.mark.parametrize(("modality", "warned"), [("MR", False), ("CT", True), (None, False)])
def test_another_modality_is_warned_of(tmp_path, modality, warned):
    _, _, files = series(tmp_path / "tof")
    edit(files, lambda dataset, index: setattr(dataset, "Modality", modality))
    volume = read_volume(str(tmp_path / "tof"))
    assert is_unlike_tof(volume) is warned
    assert warnings_of(volume) == (["does not look like TOF-MRA: its header gives the modality CT"] if warned else [])


def test_jpeg_2000_is_read(tmp_path):
    array, _, files = series(tmp_path / "tof")

    def compress(dataset, index):
        Image.fromarray(dataset.pixel_array.astype(np.uint16)).save(tmp_path / "slice.j2k", irreversible=False)
        stream = (tmp_path / "slice.j2k").read_bytes()
        dataset.PixelData = pydicom.encaps.encapsulate([stream])
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.JPEG2000Lossless

    edit(files, compress)
    np.testing.assert_array_equal(read_volume(str(tmp_path / "tof"))[0].numpy(), array)
