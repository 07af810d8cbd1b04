"""Which slices of a folder are the angiogram."""

import numpy as np
import pydicom
import pytest

from scripts.io.scan_warnings import warnings_of
from scripts.io.volumes import read_volume
from tests.dicom_series import edit, save_series, series


def no_image(folder, sop_class, **items):
    """A DICOM object that is no image, such as a report, among the slices."""
    dataset = pydicom.dcmread(next(folder.iterdir()))
    for name in ("PixelData", "Rows", "Columns", "PixelSpacing"):
        del dataset[name]
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.save_as(folder / "other.dcm")


@pytest.mark.parametrize("sop_class", ["88.11", "88.67", "11.1", "66", "66.4", "104.1", "481.3"])
def test_reports_and_segmentations_among_the_slices_are_passed_over(tmp_path, sop_class):
    array, _, _ = series(tmp_path / "tof")
    no_image(tmp_path / "tof", f"1.2.840.10008.5.1.4.1.1.{sop_class}")
    np.testing.assert_array_equal(read_volume(str(tmp_path / "tof"))[0].numpy(), array)


def image_type(*words):
    def change(dataset, index):
        dataset.ImageType = list(words)

    return change


OTHERS = {
    "localiser": ("ORIGINAL", "PRIMARY", "LOCALIZER", "M", "NORM"),
    "projection": ("DERIVED", "PRIMARY", "PROJECTION IMAGE", "M", "FFE"),
    "projection of Siemens": ("DERIVED", "SECONDARY", "MPR", "CSA MIP", "", "CSAPARALLEL"),
    "phase image": ("ORIGINAL", "PRIMARY", "P", "ND"),
    "phase image of Philips": ("ORIGINAL", "PRIMARY", "PHASE MAP", "P", "PCA"),
    "imaginary part": ("ORIGINAL", "PRIMARY", "IMAGINARY"),
    "reformat": ("DERIVED", "SECONDARY", "REFORMATTED", "AVERAGE"),
}


@pytest.mark.parametrize("uid", ["1.2.3.4", "1.2.9"])  # Philips' phase images bear the magnitude's
@pytest.mark.parametrize("other", OTHERS)
def test_the_angiogram_is_chosen_and_what_lies_beside_it_named(tmp_path, other, uid):
    array, affine, files = series(tmp_path / "tof")
    edit(files, image_type("ORIGINAL", "PRIMARY", "M", "NORM"))
    others = save_series(tmp_path / "other", array[::-1], affine, uid=uid)
    edit(others, image_type(*OTHERS[other]))
    for file in others:
        file.rename(tmp_path / "tof" / f"other_{file.name}")
    volume = read_volume(str(tmp_path / "tof"))
    np.testing.assert_array_equal(volume[0].numpy(), array)
    kind = other.partition(" of")[0]
    assert warnings_of(volume) == [f"passed over in its folder: 6 slices of a {kind} (other_slice_001.dcm, ...)"]


@pytest.mark.parametrize("kind", OTHERS)
def test_a_folder_without_angiogram_says_what_it_holds(tmp_path, kind):
    array, _, files = series(tmp_path / "tof")
    edit(files, image_type(*OTHERS[kind]))
    if kind == "reformat":  # the angiogram on other planes
        volume = read_volume(str(tmp_path / "tof"))
        np.testing.assert_array_equal(volume[0].numpy(), array)
        assert warnings_of(volume) == ["its header calls it a reformat"]
        return
    with pytest.raises(ValueError, match=f"no angiogram but 6 slices of a {kind.partition(' of')[0]}"):
        read_volume(str(tmp_path / "tof"))


def test_a_screen_capture_and_a_localiser_without_place_are_passed_over(tmp_path):
    array, affine, _ = series(tmp_path / "tof")
    others = save_series(tmp_path / "other", array[:, :, :2], affine, uid="1.2.9")

    def unplaced(dataset, index):
        del dataset.ImagePositionPatient, dataset.ImageOrientationPatient
        if index:
            dataset.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
        else:
            dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"

    edit(others, unplaced)
    for file in others:
        file.rename(tmp_path / "tof" / f"other_{file.name}")
    volume = read_volume(str(tmp_path / "tof"))
    np.testing.assert_array_equal(volume[0].numpy(), array)
    (warning,) = warnings_of(volume)
    assert "1 slice of a localiser (other_slice_001.dcm)" in warning
    assert "1 slice of a screen capture (other_slice_002.dcm)" in warning
