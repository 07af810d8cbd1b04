from pathlib import Path

import pytest

from scripts.cases.mask_pairing import with_brain_mask


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (["brain_masks/a.nrrd", "images/a_brain_mask.nii.gz"], "brain_masks/a.nrrd"),  # the folder comes first
        (["images/a_brain_mask.nii.gz"], "images/a_brain_mask.nii.gz"),
        (["brain_masks/b.nii.gz", "images/b_brain_mask.nii.gz"], None),  # another scan's
    ],
)
def test_where_a_brain_mask_is_found(present: list[str], expected: str | None, tmp_path: Path) -> None:
    for file in ["images/a.nii.gz", *present]:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    case = with_brain_mask({"image": str(tmp_path / "images/a.nii.gz")}, [tmp_path / "brain_masks"])
    assert case.get("brain_mask") == (None if expected is None else str(tmp_path / expected))
