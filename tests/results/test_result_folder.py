import os

import pytest

from scripts.results.result_folder import ResultFolder

FILES = ("s/a_vessels.nii.gz", "s/a_probability.nii.gz", "s/a_preview.png")


def is_done(folder, case, settings, **options):
    return not ResultFolder(folder, settings=settings, **options).is_due(case)


@pytest.fixture
def done(tmp_path):
    """Output folder of a case that is done, and the case."""
    for file in ("a.nii.gz", "m.nii.gz", *FILES):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
        os.utime(tmp_path / file, (1000, 1000))
    (tmp_path / "summary.csv").write_text("name,status,settings,brain_mask\ns/a,done,1f,user\nb,failed,,\n")
    return tmp_path, {"name": "s/a", "image": str(tmp_path / "a.nii.gz"), "brain_mask": str(tmp_path / "m.nii.gz")}


def test_a_case_is_done_with_its_row_and_all_its_files(done):
    folder, case = done
    assert is_done(folder, case, "1f")
    assert not is_done(folder, case, "2e")  # other settings
    assert not is_done(folder, {**case, "name": "b"}, "1f")
    assert not is_done(folder, {**case, "name": "c"}, "1f")
    assert not is_done(folder / "elsewhere", case, "1f")


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_makes_it_due(done, file):
    folder, case = done
    (folder / file).unlink()
    assert not is_done(folder, case, "1f")


@pytest.mark.parametrize("file", ["a.nii.gz", "m.nii.gz"])
def test_a_newer_scan_or_mask_makes_it_due(done, file):
    folder, case = done
    os.utime(folder / file, (2000, 2000))
    assert not is_done(folder, case, "1f")


def test_files_that_were_not_wanted_before_make_it_due(done):
    folder, case = done
    assert not is_done(folder, case, "1f", tta=True)
    (folder / "s/a_confidence.nii.gz").touch()
    assert is_done(folder, case, "1f", tta=True)
    assert is_done(folder, case, "1f", dicom_seg=True)  # the scan is no DICOM series
    series = {**case, "image": str(folder / "s")}
    assert not is_done(folder, series, "1f", dicom_seg=True)
    (folder / "s/a_vessels.dcm").touch()
    assert is_done(folder, series, "1f", dicom_seg=True)


def test_a_newer_slice_makes_a_series_due(done):
    folder, case = done
    slices = folder / "dicom"
    slices.mkdir()
    (slices / "1.dcm").write_bytes(bytes(128) + b"DICM")
    os.utime(slices / "1.dcm", (900, 900))
    series = {**case, "image": str(slices)}
    assert is_done(folder, series, "1f")  # though the folder itself was changed just now
    os.utime(slices / "1.dcm", (2000, 2000))
    assert not is_done(folder, series, "1f")


def test_a_mask_that_was_taken_away_or_given_makes_it_due(done):
    folder, case = done
    without = {key: value for key, value in case.items() if key != "brain_mask"}
    assert not is_done(folder, without, "1f")
    (folder / "summary.csv").write_text("name,status,settings,brain_mask\ns/a,done,1f,estimated\n")
    assert is_done(folder, without, "1f")
    assert not is_done(folder, case, "1f")


def test_an_estimate_beside_the_scan_is_not_taken_for_a_given_mask_unless_it_was_corrected(done):
    folder, case = done
    (folder / "summary.csv").write_text("name,status,settings,brain_mask\ns/a,done,1f,estimated\n")
    estimate = folder / "s/a_brain_mask.nii.gz"
    estimate.touch()
    os.utime(estimate, (1001, 1001))
    os.utime(folder / FILES[-1], (1002, 1002))  # the picture is written after it
    case = {**case, "brain_mask": str(estimate)}
    assert is_done(folder, case, "1f")
    os.utime(estimate, (1010, 1010))
    assert not is_done(folder, case, "1f")
