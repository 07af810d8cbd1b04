import pytest

from scripts.io.bids_names import bids_file, is_bids_name
from scripts.io.result_names import BRAIN_MASK_FILE, DICOM_SEG, SEGMENTS, VESSELS_FILE


@pytest.mark.parametrize(
    ("name", "end", "expected"),
    [
        ("sub-01/anat/sub-01_angio", VESSELS_FILE, "sub-01/anat/sub-01_label-vessel_mask.nii.gz"),
        (
            "sub-01/ses-1/anat/sub-01_ses-1_acq-tof_run-2_part-mag_angio",
            BRAIN_MASK_FILE,
            "sub-01/ses-1/anat/sub-01_ses-1_acq-tof_run-2_part-mag_desc-brain_mask.nii.gz",
        ),
        ("sub-a/anat/sub-a_angio", SEGMENTS, "sub-a/anat/sub-a_desc-vessels_stats.tsv"),
        ("sub-a/anat/sub-a_angio", DICOM_SEG, f"sub-a/anat/sub-a{DICOM_SEG}"),
    ],
)
def test_entities_stay_and_the_suffix_goes(name: str, end: str, expected: str) -> None:
    assert is_bids_name(name)
    assert bids_file(name, end) == expected


@pytest.mark.parametrize(
    "name", ["a", "sub-01_angio", "sub-01/sub-01_angio", "sub-01/anat/sub-01_T1w", "x/sub-01/anat/sub-01_angio"]
)
def test_other_names_keep_plain_results(name: str) -> None:
    assert not is_bids_name(name)
    with pytest.raises(ValueError, match="no angiogram of a BIDS tree"):
        bids_file(name, VESSELS_FILE)
