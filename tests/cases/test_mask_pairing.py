from pathlib import Path

import pytest

from scripts.cases.datalist import scan_cases
from scripts.cases.mask_pairing import with_brain_masks
from tests.empty_files import touch


def mask_of(folder: Path, scan: str = "images/tof.nii.gz") -> str | None:
    (case,) = with_brain_masks([{"image": str(folder / scan)}])
    return str(Path(case["brain_mask"]).relative_to(folder)) if "brain_mask" in case else None


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (["brain_masks/tof.nrrd", "images/tof_brain_mask.nii.gz"], "brain_masks/tof.nrrd"),  # the folder comes first
        (["images/tof_brain_mask.nii.gz"], "images/tof_brain_mask.nii.gz"),
        (["brain_masks/b.nii.gz", "images/b_brain_mask.nii.gz", "images/tof2_mask.nii.gz"], None),  # another scan's
        (["images/brain_masks/tof.nii"], "images/brain_masks/tof.nii"),
        (["brain_masks/tof_mask.nii.gz"], "brain_masks/tof_mask.nii.gz"),
        (["brain_masks/tof.seg.nrrd"], "brain_masks/tof.seg.nrrd"),
        (["images/tof_vessel_mask.nii.gz", "images/tof_label.nii.gz", "images/tof_seg.nii.gz"], None),
        (["images/TOF_brain_mask.nii.gz"], None),  # a name is a name; its end may have capitals
    ],
)
def test_where_a_brain_mask_is_found(present: list[str], expected: str | None, tmp_path: Path) -> None:
    touch(tmp_path, "images/tof.nii.gz", *present)
    assert mask_of(tmp_path) == expected


NAMES = (
    "tof_brain_mask.nii.gz",
    "tof_brain_mask.NII.GZ",
    "tof_Brain_Mask.Nii.gz",
    "tof_brain_mask.seg.nrrd",
    "tof_brain_mask.SEG.NRRD",
    "tof_brainmask.nii.gz",
    "tof_bet_mask.nii.gz",  # HD-BET 1
    "tof_bet.nii.gz",  # HD-BET 2, whose stripped scan is called tof.nii.gz
    "tof_synthstrip_mask.mha",
    "tof_synthstrip.nii.gz",
    "tof_BrainExtractionMask.nii.gz",  # ANTs
    "tof_desc-brain_mask.nii.gz",
    "tof_mask.nii",
    "tof-mask.nrrd",
    "tof_brain-mask.nii.gz",
    "tof_hdbet_mask.nii.gz",
    "tof_skullstrip_mask.nii.gz",
    "tof_brain.nii.gz",  # of FSL's bet without -m: stripped scans
    "tof_stripped.nii.gz",
    "tof_skullstripped.nii.gz",
)


@pytest.mark.parametrize("name", NAMES)
def test_masks_of_other_tools_are_found_and_are_no_scans(tmp_path: Path, name: str) -> None:
    touch(tmp_path, "tof.nii.gz", name)
    (case,) = scan_cases(str(tmp_path))
    assert case == {"image": str(tmp_path / "tof.nii.gz"), "name": "tof", "brain_mask": str(tmp_path / name)}
    assert scan_cases(str(tmp_path / "tof.nii.gz")) == [case]


def test_the_likeliest_of_several_masks_is_taken(tmp_path: Path) -> None:
    touch(tmp_path, "tof.nii.gz", "tof_mask.nii.gz", "tof_bet.nii.gz", "tof_bet_mask.nii.gz")
    assert mask_of(tmp_path, "tof.nii.gz") == "tof_bet_mask.nii.gz"


def test_a_mask_that_the_case_has_stays(tmp_path: Path) -> None:
    touch(tmp_path, "tof.nii.gz", "tof_mask.nii.gz")
    case = {"image": str(tmp_path / "tof.nii.gz"), "brain_mask": "mine.nii.gz"}
    assert with_brain_masks([case]) == [case]


@pytest.mark.parametrize("name", ["other_mask.nii.gz", "mask.nii.gz", "brain_masks/other.nii.gz"])
def test_a_mask_of_no_scan_is_no_scan_and_is_named(tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    touch(tmp_path, "tof.nii.gz", "b.nii.gz", "b_brain_mask.nii.gz", name)
    assert [case["name"] for case in scan_cases(str(tmp_path))] == ["b", "tof"]
    assert f"1 masks have the name of no scan and are not used, such as {Path(name).name}" in caplog.text
