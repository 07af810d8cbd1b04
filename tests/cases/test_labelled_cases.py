import json
from pathlib import Path

import pytest

from scripts.cases.datalist import split_cases
from scripts.cases.labelled_cases import labelled_cases
from tests.empty_files import touch


def test_training_cases_come_with_their_labels(tmp_path: Path) -> None:
    touch(tmp_path, *(f"training/{kind}/{name}.nii.gz" for kind in ("images", "labels") for name in "ab"))
    cases = labelled_cases(str(tmp_path), "training")
    assert [Path(case["label"]).name for case in cases] == ["a.nii.gz", "b.nii.gz"]
    assert [case["image"] for case in cases] == [case["image"] for case in split_cases(str(tmp_path))]


def test_labels_of_a_plain_folder_with_images(tmp_path: Path) -> None:
    touch(tmp_path, "images/a.nii.gz", "labels/a.nii.gz")
    (case,) = labelled_cases(str(tmp_path), "training")
    assert case["label"] == str(tmp_path / "labels/a.nii.gz")


def test_labels_of_a_json_list(tmp_path: Path) -> None:
    touch(tmp_path, "a.nii.gz", "a_label.nii.gz")
    (tmp_path / "dataset.json").write_text(json.dumps({"training": [{"image": "a.nii.gz", "label": "a_label.nii.gz"}]}))
    (case,) = labelled_cases(str(tmp_path), "training")
    assert case["label"] == str(tmp_path / "a_label.nii.gz")
    assert "label" not in split_cases(str(tmp_path))[0]


def test_a_training_scan_without_label_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "training/images/a.nii.gz", "training/labels/b.nii.gz")
    with pytest.raises(FileNotFoundError, match="a.nii.gz: its label is missing in .*training/labels"):
        labelled_cases(str(tmp_path), "training")
    (tmp_path / "dataset.json").write_text(json.dumps({"training": ["training/images/a.nii.gz"]}))
    with pytest.raises(ValueError, match="has no 'label'"):
        labelled_cases(str(tmp_path), "training")


def test_without_validation_no_network_could_be_chosen(tmp_path: Path) -> None:
    touch(tmp_path, "training/images/a.nii.gz", "training/labels/a.nii.gz")
    with pytest.raises(FileNotFoundError, match="no validation case"):
        labelled_cases(str(tmp_path), "validation")
