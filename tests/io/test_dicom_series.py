import nibabel as nib
import numpy as np
import pytest

from scripts.cases.datalist import scan_cases
from scripts.io.volumes import read_volume
from tests.dicom_series import save_series
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


def test_a_series_is_one_case_and_series_of_a_folder_are_one_each(tmp_path):
    for name in ("b", "a"):
        series(tmp_path / name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a_brain_mask.nii.gz").touch()
    a = {"image": str(tmp_path / "a"), "name": "a", "brain_mask": str(tmp_path / "a_brain_mask.nii.gz")}
    assert scan_cases(str(tmp_path / "a")) == [a]
    assert scan_cases(str(tmp_path)) == [a, {"image": str(tmp_path / "b"), "name": "b"}]


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


def only_damaged(folder, files):
    for path in files:
        path.write_bytes(path.read_bytes()[:140])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (two_series, "holds 2 series"),
        (missing_slice, "slices are missing or unevenly spaced"),
        (mixed_orientation, "different orientations"),
        (doubled_slice, "two slices lie at one place"),
        (other_size, "keep one series per folder|put every series in its own folder"),
        (shifted, "tilted gantry"),
        (cut_header, "is damaged"),
        (cut_pixels, "is damaged"),
        (only_damaged, "no readable DICOM slice"),
    ],
)
def test_a_series_that_is_not_whole_is_refused(tmp_path, damage, words):
    files = series(tmp_path / "tof")[2]
    damage(tmp_path / "tof", files)
    with pytest.raises(ValueError, match=words) as error:
        read_volume(str(tmp_path / "tof"))
    assert str(tmp_path / "tof") in str(error.value)
    assert "Jane" not in str(error.value)
