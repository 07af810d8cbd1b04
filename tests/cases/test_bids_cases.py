import pytest

from scripts.cases.datalist import scan_cases
from tests.cases.test_datalist import touch


def test_angiograms_of_all_subjects_and_sessions(tmp_path):
    touch(tmp_path, "dataset_description.json", "participants.tsv", "sub-02/anat/sub-02_angio.nii")
    touch(tmp_path, "sub-01/ses-1/anat/sub-01_ses-1_angio.nii.gz", "sub-01/ses-1/anat/sub-01_ses-1_T1w.nii.gz")
    touch(tmp_path, "sub-01/ses-2/anat/sub-01_ses-2_acq-tof_angio.nii.gz", "sub-01/anat/sub-01_angio.json")
    touch(tmp_path, "sub-01/ses-1/anat/sub-01_ses-1_angio_brain_mask.nii.gz", "sub-01/dwi/sub-01_dwi.nii.gz")
    touch(tmp_path, "derivatives/other/sub-01/anat/sub-01_angio.nii.gz")
    cases = scan_cases(str(tmp_path))
    assert [case["name"] for case in cases] == [
        "sub-01/ses-1/anat/sub-01_ses-1_angio",
        "sub-01/ses-2/anat/sub-01_ses-2_acq-tof_angio",
        "sub-02/anat/sub-02_angio",
    ]
    assert cases[0]["image"] == str(tmp_path / "sub-01/ses-1/anat/sub-01_ses-1_angio.nii.gz")
    assert cases[0]["brain_mask"].endswith("sub-01_ses-1_angio_brain_mask.nii.gz")
    assert "brain_mask" not in cases[1]


def test_a_tree_without_description_is_known_by_its_subjects(tmp_path):
    touch(tmp_path, "sub-1/ses-a/anat/sub-1_ses-a_angio.nii.gz")
    assert [case["name"] for case in scan_cases(str(tmp_path))] == ["sub-1/ses-a/anat/sub-1_ses-a_angio"]


def test_a_tree_without_angiogram_says_what_is_looked_for(tmp_path):
    touch(tmp_path, "sub-1/anat/sub-1_T1w.nii.gz")
    with pytest.raises(FileNotFoundError, match=r"anat/\*_angio.nii.gz; name its scans in a JSON list"):
        scan_cases(str(tmp_path))


def test_one_angiogram_in_two_formats_is_refused(tmp_path):
    touch(tmp_path, "sub-1/anat/sub-1_angio.nii.gz", "sub-1/anat/sub-1_angio.nii")
    with pytest.raises(ValueError, match="have the same name"):
        scan_cases(str(tmp_path))


@pytest.mark.parametrize(
    "entity", ["part-phase", "part-real", "rec-mip", "rec-MIPcor", "acq-mip", "desc-preproc", "space-MNI"]
)
def test_phase_images_projections_and_derived_ones_are_no_angiograms(tmp_path, entity, caplog):
    caplog.set_level("INFO")
    touch(tmp_path, f"sub-1/anat/sub-1_{entity}_angio.nii.gz")
    with pytest.raises(FileNotFoundError, match=f"but sub-1_{entity}_angio.nii.gz, which is a phase image"):
        scan_cases(str(tmp_path))
    touch(tmp_path, "sub-1/anat/sub-1_part-mag_angio.nii.gz", "sub-1/anat/sub-1_rec-norm_run-2_angio.nii.gz")
    assert [case["name"][11:] for case in scan_cases(str(tmp_path))] == [
        "sub-1_part-mag_angio",
        "sub-1_rec-norm_run-2_angio",
    ]
    assert "passed over are 1 phase, projected or derived images" in caplog.text
