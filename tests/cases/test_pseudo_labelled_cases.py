import hashlib
from pathlib import Path

import pytest

from scripts.cases.pseudo_labelled_cases import pseudo_labelled_cases
from tests.empty_files import touch


def test_scans_come_with_the_masks_that_inference_found(tmp_path: Path) -> None:
    touch(tmp_path, *(f"training/{kind}/{name}.nii.gz" for kind in ("images", "labels") for name in "ab"))
    touch(tmp_path, "masks/a_vessels.nii.gz", "masks/b_vessels.nrrd", "masks/a_probability.nii.gz")
    cases = pseudo_labelled_cases(str(tmp_path), str(tmp_path / "masks"))
    assert [Path(case["image"]).name for case in cases] == ["a.nii.gz", "b.nii.gz"]
    assert [Path(case["label"]) for case in cases] == [
        tmp_path / "masks/a_vessels.nii.gz",  # not its label
        tmp_path / "masks/b_vessels.nrrd",
    ]


def test_scans_without_masks_are_left_out_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    touch(tmp_path, "a.nii.gz", "b.nii.gz", "c.nii.gz", "masks/b_vessels.nii.gz")
    (case,) = pseudo_labelled_cases(str(tmp_path), str(tmp_path / "masks"))
    assert Path(case["image"]).name == "b.nii.gz"
    assert "2 of 3 scans have no mask" in caplog.text


def test_without_any_mask_the_way_to_them_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.nii.gz", "masks/other_vessels.nii.gz")
    with pytest.raises(FileNotFoundError, match="masks: holds no mask a_vessels .* run configs/inference.yaml"):
        pseudo_labelled_cases(str(tmp_path), str(tmp_path / "masks"))


@pytest.mark.parametrize(("content", "same"), [(b"scan a", True), (b"scan a of another patient", False)])
def test_a_mask_of_another_scan_of_the_name_is_refused(tmp_path: Path, content: bytes, same: bool) -> None:
    touch(tmp_path, "masks/a_vessels.nii.gz")
    (tmp_path / "a.nii.gz").write_bytes(content)
    made_from = hashlib.sha256(b"scan a").hexdigest()
    rows = f"name,status,scan,scan_sha256\na,refused,/x/a.nii.gz,0\na,done,/elsewhere/a.nii.gz,{made_from}\n"
    (tmp_path / "masks/summary.csv").write_text(rows)
    if same:
        assert len(pseudo_labelled_cases(str(tmp_path), str(tmp_path / "masks"))) == 1
    else:
        with pytest.raises(ValueError, match=r"a_vessels.nii.gz is not of .*: it was made from /elsewhere/a.nii.gz"):
            pseudo_labelled_cases(str(tmp_path), str(tmp_path / "masks"))
