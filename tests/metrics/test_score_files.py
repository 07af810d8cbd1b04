from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from scripts.io.user_error import UserError
from scripts.metrics.score_files import score_files
from tests.phantom import LPS, RAS, grid, phantom, save

SHAPE = (20, 24, 28)
AFFINE = grid(RAS, (1.0, 1.0, 1.5), SHAPE)


def vessels() -> np.ndarray:
    return phantom(AFFINE, SHAPE)[1].astype(np.uint8)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    for name in ("predictions", "labels"):
        (tmp_path / name).mkdir()
    save(tmp_path / "labels" / "a.nii.gz", vessels(), AFFINE)
    return tmp_path / "predictions", tmp_path / "labels", tmp_path / "out"


def score(folders: tuple[Path, Path, Path]) -> str:
    score_files(*map(str, folders))
    return (folders[2] / "metrics.csv").read_text()


@pytest.mark.parametrize("name", ["a_vessels.nii.gz", "a.nii.gz", "a.mha", "a_vessels.nrrd"])
def test_predictions_are_found_by_name(folders: tuple[Path, Path, Path], name: str) -> None:
    save(folders[0] / name, vessels(), AFFINE)
    assert "\na,1,1,1,1,1,1,0,1,0,0" in score(folders)


def test_prediction_in_another_orientation(folders: tuple[Path, Path, Path]) -> None:
    save(folders[0] / "a.nii.gz", vessels()[::-1, ::-1], grid(LPS, (1.0, 1.0, 1.5), SHAPE))
    assert "\na,1,1,1,1,1,1,0,1,0,0" in score(folders)


def test_mirrored_prediction_is_wrong(folders: tuple[Path, Path, Path]) -> None:
    save(folders[0] / "a.nii.gz", vessels()[::-1], AFFINE)
    assert "\na,1," not in score(folders)


def test_empty_prediction(folders: tuple[Path, Path, Path]) -> None:
    save(folders[0] / "a.nii.gz", 0 * vessels(), AFFINE)
    assert "\na,0,0,0,0,0,0," in score(folders)


def test_probability_is_not_taken_for_a_mask(folders: tuple[Path, Path, Path]) -> None:
    save(folders[0] / "a_probability.nii.gz", vessels(), AFFINE)
    with pytest.raises(FileNotFoundError, match="a_vessels or a in"):
        score(folders)


def test_other_grid_is_named(folders: tuple[Path, Path, Path]) -> None:
    save(folders[0] / "a.nii.gz", vessels(), grid(RAS, (1.0, 1.0, 1.4), SHAPE))
    with pytest.raises(UserError, match=r"a\.nii\.gz \(label\): lies .* mm off"):
        score(folders)


def test_label_of_more_than_two_values(folders: tuple[Path, Path, Path]) -> None:
    save(folders[0] / "a.nii.gz", vessels(), AFFINE)
    nib.save(nib.Nifti1Image(vessels() * 3, AFFINE), folders[1] / "a.nii.gz")
    with pytest.raises(UserError, match="0 .background. and 1 .vessel. only"):
        score(folders)


@pytest.mark.parametrize("kind", [0, 1], ids=["prediction", "label"])
def test_a_file_that_is_cut_off_is_named_with_the_reason(folders: tuple[Path, Path, Path], kind: int) -> None:
    save(folders[0] / "a.nii.gz", vessels(), AFFINE)
    file = folders[kind] / "a.nii.gz"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(UserError, match=rf"cannot read {file}: Compressed file ended"):
        score(folders)


def test_no_label(folders: tuple[Path, Path, Path]) -> None:
    (folders[1] / "a.nii.gz").unlink()
    with pytest.raises(FileNotFoundError, match="no label found"):
        score(folders)
