from pathlib import Path

import pytest

from scripts.cases.evaluation_cases import evaluation_cases


def test_a_case_has_scan_label_mask_and_name(tmp_path: Path) -> None:
    for folder in ("images", "labels", "brain_masks"):
        (tmp_path / "test" / folder).mkdir(parents=True)
        (tmp_path / "test" / folder / "a.nii.gz").touch()
    (case,) = evaluation_cases(str(tmp_path), "test")
    assert set(case) == {"image", "name", "label", "brain_mask"}
    assert case["label"] == str(tmp_path / "test" / "labels" / "a.nii.gz")


def test_training_is_not_scored(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="learnt from it"):
        evaluation_cases(str(tmp_path), "training")


@pytest.mark.parametrize("split", ["validation", "test"])
def test_empty_split(tmp_path: Path, split: str) -> None:
    with pytest.raises(FileNotFoundError, match=f"no {split} case"):
        evaluation_cases(str(tmp_path), split)
