import hashlib
import shutil

import pytest

from scripts.cases.case_error import NameTaken
from scripts.io.content import content_sha256
from scripts.io.summary_rows import summary_rows
from scripts.results.result_folder import ResultFolder

FILES = ("s/a_vessels.nii.gz", "s/a_probability.nii.gz", "s/a_preview.png")


@pytest.fixture
def done(tmp_path):
    """Output folder of a case that is done, and the case."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.nii.gz").write_bytes(b"scan")
    (tmp_path / "in/m.nii.gz").write_bytes(b"mask")
    case = {"name": "s/a", "image": str(tmp_path / "in/a.nii.gz"), "brain_mask": str(tmp_path / "in/m.nii.gz")}
    return finish(tmp_path / "out", case), case


def finish(folder, case, source="user", **identity):
    """Do a case as CaseWriter does."""
    results = ResultFolder(folder, settings="1f")
    assert results.claim(case)
    for file in FILES:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(case["image"])
    results.table.add({"name": case["name"], "status": "done", "settings": "1f", "brain_mask": source, **identity})
    return folder


def is_done(folder, case, settings="1f", **options):
    """Whether a case is left as it is, in a copy of the folder."""
    copy = folder.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    return not ResultFolder(copy, settings=settings, **options).claim(case)


def refusal(folder, case, **options):
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    with pytest.raises(NameTaken) as error:
        ResultFolder(folder, settings="1f", **options).claim(case)
    assert before == {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return str(error.value)


def test_a_case_is_done_with_its_row_and_all_its_files(done):
    folder, case = done
    assert is_done(folder, case)
    assert not is_done(folder, case, "2e")  # other settings
    assert not is_done(folder, case, overwrite=True)
    assert not is_done(folder, {**case, "name": "b"})


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_makes_it_due(done, file):
    folder, case = done
    (folder / file).unlink()
    assert not is_done(folder, case)


def test_files_that_were_not_wanted_before_make_it_due(done):
    folder, case = done
    assert not is_done(folder, case, tta=True)
    (folder / "s/a_confidence.nii.gz").touch()
    assert is_done(folder, case, tta=True)
    assert is_done(folder, case, dicom_seg=True)  # the scan is no DICOM series


def test_a_series_is_due_without_its_segmentation(tmp_path):
    (tmp_path / "tof").mkdir()
    (tmp_path / "tof/1.dcm").write_bytes(bytes(128) + b"DICM")
    case = {"name": "s/a", "image": str(tmp_path / "tof")}
    folder = finish(tmp_path / "out", case, "estimated")
    assert is_done(folder, case)
    assert not is_done(folder, case, dicom_seg=True)
    (folder / "s/a_vessels.dcm").touch()
    assert is_done(folder, case, dicom_seg=True)


def test_a_changed_mask_makes_it_due(done):
    folder, case = done
    (folder.parent / "in/m.nii.gz").write_bytes(b"corrected")
    assert not is_done(folder, case)


def test_a_mask_that_was_taken_away_or_given_makes_it_due(done, tmp_path):
    folder, case = done
    without = {key: value for key, value in case.items() if key != "brain_mask"}
    assert not is_done(folder, without)
    folder = finish(tmp_path / "estimated", without, "estimated", brain_mask_sha256="of the estimate")
    assert is_done(folder, without)
    assert not is_done(folder, case)


def test_an_estimate_beside_the_scan_is_not_taken_for_a_given_mask_unless_it_was_corrected(done, tmp_path):
    _, case = done
    without = {key: value for key, value in case.items() if key != "brain_mask"}
    folder = finish(tmp_path / "estimated", without, "estimated", brain_mask_sha256=content_sha256(case["brain_mask"]))
    assert is_done(folder, case)
    (tmp_path / "in/m.nii.gz").write_bytes(b"corrected")
    assert not is_done(folder, case)


def test_a_scan_is_told_by_its_content_wherever_it_lies(done):
    folder, case = done
    shutil.move(folder.parent / "in", folder.parent / "moved")
    moved = {key: value.replace("/in/", "/moved/") for key, value in case.items()}
    assert is_done(folder, moved)
    assert not is_done(folder, moved, "2e")  # is done anew, in place of itself


def test_another_scan_of_the_name_is_refused_even_if_all_is_to_be_done_anew(done, tmp_path):
    folder, case = done
    (tmp_path / "other").mkdir()
    (tmp_path / "other/a.nii.gz").write_bytes(b"another patient")
    other = {"name": "s/a", "image": str(tmp_path / "other/a.nii.gz")}
    for options in ({}, {"overwrite": True}):
        reason = refusal(folder, other, **options)
        assert f"holds results of another scan of this name, {case['image']}; give another --output_dir" in reason


def test_another_spelling_of_a_name_is_the_same_name_where_it_is_the_same_file(done, tmp_path):
    folder, case = done
    (folder / "S").symlink_to("s")  # as on a disk that knows no capitals
    (tmp_path / "other.nii.gz").write_bytes(b"another patient")
    other = {"name": "S/a", "image": str(tmp_path / "other.nii.gz")}
    for options in ({}, {"overwrite": True}):
        assert f"results of another scan of this name, {case['image']}" in refusal(folder, other, **options)
    assert not ResultFolder(folder, settings="1f").claim({**case, "name": "S/a"})  # it is done


def test_another_series_of_the_name_is_refused(tmp_path):
    cases = []
    for patient in (b"1", b"2"):
        folder = tmp_path / patient.decode() / "tof"
        folder.mkdir(parents=True)
        (folder / "1.dcm").write_bytes(bytes(128) + b"DICM" + patient)
        cases.append({"name": "s/a", "image": str(folder)})
    assert "another scan of this name" in refusal(finish(tmp_path / "out", cases[0], "estimated"), cases[1])


def test_a_scan_of_the_name_that_has_just_begun_is_another_too(done, tmp_path):
    _, case = done
    (tmp_path / "other.nii.gz").write_bytes(b"another patient")
    assert ResultFolder(tmp_path / "new").claim(case)
    refusal(tmp_path / "new", {"name": "s/a", "image": str(tmp_path / "other.nii.gz")})
    assert ResultFolder(tmp_path / "new").claim(case)  # itself, after an interruption


def test_a_scan_that_has_changed_is_refused_unless_all_is_to_be_done_anew(done, tmp_path):
    folder, case = done
    (tmp_path / "in/a.nii.gz").write_bytes(b"another patient under the same path")
    assert "it has changed since" in refusal(folder, case)
    assert ResultFolder(folder, overwrite=True).claim(case)


def test_a_failure_without_results_keeps_no_name(done, tmp_path):
    _, case = done
    (tmp_path / "mended.nii.gz").write_bytes(b"mended")
    results = ResultFolder(tmp_path / "new")
    results.claim(case)
    results.table.add({"name": "s/a", "status": "failed"})
    assert results.claim({"name": "s/a", "image": str(tmp_path / "mended.nii.gz")})


@pytest.mark.parametrize("table", ["", "name,status\ns/a,done\n"])  # of an annotator; of an earlier version
def test_results_of_an_unknown_scan_are_replaced_only_on_demand(done, table):
    folder, case = done
    (folder / "summary.csv").unlink()
    if table:
        (folder / "summary.csv").write_text(table)
    assert "does not say from which scan" in refusal(folder, case)
    assert ResultFolder(folder, overwrite=True).claim(case)


def test_the_table_tells_path_and_content(done):
    folder, case = done
    (row,) = summary_rows(folder / "summary.csv")
    assert row["scan"] == case["image"]
    assert row["scan_sha256"] == hashlib.sha256(b"scan").hexdigest()
    assert row["brain_mask_sha256"] == hashlib.sha256(b"mask").hexdigest()
