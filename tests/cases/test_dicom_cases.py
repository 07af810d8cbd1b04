"""Folders of DICOM series as cases."""

import pytest

from scripts.cases.datalist import scan_cases
from tests.dicom_series import series


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
