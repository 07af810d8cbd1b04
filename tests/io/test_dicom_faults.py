"""Series that are not whole are refused, the file or series named."""

import os

import numpy as np
import pydicom
import pytest

from scripts.io.volumes import read_volume
from tests.dicom_series import edit, save_series, series
from tests.phantom import oblique


def two_series(folder, files):
    other = series(folder.parent / "other", uid="1.2.9")[2]
    other[0].rename(folder / "x.dcm")


def missing_slice(folder, files):
    files[2].unlink()


def mixed_orientation(folder, files):
    other = series(folder.parent / "other", oblique())[2]
    other[0].replace(files[0])


def doubled_slice(folder, files):
    (folder / "copy.dcm").write_bytes(files[2].read_bytes())


def other_size(folder, files):
    array, affine, _ = series(folder.parent / "other")
    save_series(folder.parent / "narrow", array[:10], affine)[3].replace(files[3])


def shifted(folder, files):
    array, affine, _ = series(folder.parent / "other")
    tilted = affine.copy()
    tilted[:3, 2] += 0.5 * affine[:3, 1]
    for path in files:
        path.unlink()
    save_series(folder, array, tilted)


def cut_header(folder, files):
    files[1].write_bytes(files[1].read_bytes()[:140])


def cut_pixels(folder, files):
    files[1].write_bytes(files[1].read_bytes()[:-300])


def few_pixels(folder, files):  # the file is whole, its value is not
    array, affine, _ = series(folder.parent / "other")
    files = save_series(folder, np.tile(array, (4, 4, 1)), affine)
    edit(files[1:2], lambda dataset, index: setattr(dataset, "PixelData", dataset.PixelData[:4]))


def emptied(folder, files):  # the last slice, whose loss no gap would show
    files[-1].write_bytes(b"")


def not_readable(folder, files):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    files[-1].rename(folder / "IM1").chmod(0)


def only_damaged(folder, files):
    for path in files:
        path.write_bytes(path.read_bytes()[:140])


def without(name):
    def change(folder, files):
        edit(files[3:], lambda dataset, index: delattr(dataset, name))

    return change


def multi_frame(folder, files):
    dataset = pydicom.dcmread(files[0])
    dataset.PixelData = b"".join(pydicom.dcmread(file).PixelData for file in files)
    dataset.NumberOfFrames = len(files)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4.1"
    for file in files:
        file.unlink()
    dataset.save_as(folder / "enhanced.dcm")


def unknown_compression(folder, files):
    def change(dataset, index):
        dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.201"
        dataset.PixelData = pydicom.encaps.encapsulate([b"HTJ2K"])
        dataset["PixelData"].is_undefined_length = True

    edit(files, change)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (
            two_series,
            r"holds 2 series: 6 slices of a series \(slice_001.dcm, ...\), 1 slice of a series \(x.dcm\); put",
        ),
        (missing_slice, "slices are missing or unevenly spaced"),
        (mixed_orientation, "different orientations"),
        (doubled_slice, "copy.dcm and slice_004.dcm lie at one place"),
        (other_size, "keep one series per folder|put every series in its own folder"),
        (shifted, "tilted gantry"),
        (cut_header, "is damaged"),
        (cut_pixels, "is damaged"),
        (few_pixels, "slice_005.dcm is damaged: it lacks pixels"),
        (only_damaged, "is damaged"),
        (emptied, "slice_001.dcm is damaged"),
        (not_readable, "IM1 is damaged or may not be read"),
        (without("ImagePositionPatient"), "slice_001.dcm does not say ImagePositionPatient"),
        (without("ImageOrientationPatient"), "slice_001.dcm does not say ImageOrientationPatient"),
        (without("PixelSpacing"), "slice_001.dcm does not say PixelSpacing"),
        (multi_frame, "enhanced.dcm is an enhanced, multi-frame file; convert it to NIfTI, e.g. with dcm2niix"),
        (unknown_compression, "transfer syntax 1.2.840.10008.1.2.4.201"),
    ],
)
def test_a_series_that_is_not_whole_is_refused(tmp_path, damage, words):
    files = series(tmp_path / "tof")[2]
    damage(tmp_path / "tof", files)
    with pytest.raises(ValueError, match=words) as error:
        read_volume(str(tmp_path / "tof"))
    assert str(tmp_path / "tof") in str(error.value)
    assert "Jane" not in str(error.value)
