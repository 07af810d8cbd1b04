import os

import nibabel as nib
import numpy as np
import pydicom
import pytest
from PIL import Image

from scripts.cases.datalist import scan_cases
from scripts.io.scan_warnings import is_unlike_tof, warnings_of
from scripts.io.volumes import read_volume
from tests.dicom_series import edit, save_series, without_preamble
from tests.phantom import LPS, RAS, SUPERIOR_FIRST, grid, oblique, phantom

SHAPE = (20, 18, 6)
SPACING = (0.5, 0.6, 0.8)


def series(folder, axes=LPS, **kwargs):
    affine = grid(axes, SPACING, SHAPE)
    array = np.round(phantom(affine, SHAPE)[0])
    return array, affine, save_series(folder, array, affine, **kwargs)


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


def test_what_a_mac_leaves_beside_the_slices_is_passed_over(tmp_path):
    array, _, _ = series(tmp_path / "tof")
    (tmp_path / "tof" / "._slice_001.dcm").write_bytes(b"\x00\x05\x16\x07" + bytes(200))
    (tmp_path / "tof" / ".DS_Store").write_bytes(bytes(200))
    np.testing.assert_array_equal(read_volume(str(tmp_path / "tof"))[0].numpy(), array)


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


def test_a_series_is_one_case_and_series_of_a_folder_are_one_each(tmp_path):
    for name in ("b", "a"):
        series(tmp_path / name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a_brain_mask.nii.gz").touch()
    a = {"image": str(tmp_path / "a"), "name": "a", "brain_mask": str(tmp_path / "a_brain_mask.nii.gz")}
    assert scan_cases(str(tmp_path / "a")) == [a]
    assert scan_cases(str(tmp_path)) == [a, {"image": str(tmp_path / "b"), "name": "b"}]


def test_the_name_of_a_folder_makes_no_series_a_part_of_another(tmp_path):
    for name in ("tof", "tof_real", "tof_mask"):
        series(tmp_path / name)
    assert [case["name"] for case in scan_cases(str(tmp_path))] == ["tof", "tof_mask", "tof_real"]


def test_a_single_slice_file_is_sent_back_to_its_folder(tmp_path):
    _, _, files = series(tmp_path / "a")
    with pytest.raises(ValueError, match="one DICOM file; give the folder of its series"):
        scan_cases(str(files[0]))


def test_scans_beside_slices_are_refused_and_results_are_not(tmp_path):
    series(tmp_path / "a")
    (tmp_path / "a" / "a_vessels.nii.gz").touch()
    assert len(scan_cases(str(tmp_path / "a"))) == 1
    (tmp_path / "a" / "other.nii.gz").touch()
    with pytest.raises(ValueError, match="other.nii.gz lies among the slices of a DICOM series"):
        scan_cases(str(tmp_path / "a"))


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
