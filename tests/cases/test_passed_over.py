"""What looks like a scan and is not segmented is not passed over in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.cases.datalist import scan_cases
from tests.empty_files import touch

SLICE = bytes(128) + b"DICM"


def dicom(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(SLICE)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            ["b.mgz", "c.img", "c.hdr"],
            "not segmented: 2 files of a format that is not read, such as b.mgz (convert it)",
        ),
        (["p1/tof.nii.gz", "p2/tof.nii"], "not segmented: scans in sub-folders, such as {}/p1/tof.nii.gz (give its"),
        (
            ["p1/s/se/1.dcm"],
            "not segmented: scans in sub-folders, such as {}/p1/s/se (give its folder, or a JSON list)",
        ),
        (["b.nhdr", "p1/t.nrrd"], "such as b.nhdr (convert it) and scans in sub-folders, such as {}/p1/t.nrrd (give"),
    ],
)
@pytest.mark.parametrize("beside", [True, False], ids=["beside a scan", "alone"])
def test_scans_that_are_not_segmented_are_named(
    tmp_path: Path, files: list[str], words: str, beside: bool, caplog: pytest.LogCaptureFixture
) -> None:
    touch(tmp_path, *files, *(["a.nii.gz"] if beside else []))
    for file in tmp_path.rglob("*.dcm"):
        dicom(file)
    words = words.format(tmp_path)
    if beside:
        assert [case["name"] for case in scan_cases(str(tmp_path))] == ["a"]
        assert words in caplog.text
    else:
        with pytest.raises(FileNotFoundError) as error:
            scan_cases(str(tmp_path))
        assert words.removeprefix("not segmented: ") in str(error.value)


def test_of_what_belongs_to_the_scans_nothing_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    touch(tmp_path, "a.nii.gz", "a.zip", "labels/x.nii.gz", "brain_masks/a.nii.gz", "segmentations/a.nii.gz")
    touch(tmp_path, "out/summary.csv", "out/b_vessels.nii.gz", "out/s/c_vessels.nii.gz", ".trash/b.nii.gz", "notes.txt")
    dicom(tmp_path / "series" / "1.dcm")
    assert [case["name"] for case in scan_cases(str(tmp_path))] == ["a", "series"]
    assert "not segmented" not in caplog.text
