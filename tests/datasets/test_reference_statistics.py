from pathlib import Path

import nibabel
import numpy as np
import pytest
from monai.bundle import run
from PIL import Image

from scripts.datasets.crop_and_overlap import CropAndOverlap
from scripts.datasets.reference_statistics import (
    density,
    load_label,
    print_reference_statistics,
    random_projections,
    table,
    thickness,
)

CONFIG = Path(__file__).parents[2] / "configs" / "reference_statistics.yaml"


def line(width: int, side: int = 40) -> np.ndarray:
    picture = np.zeros((side, side), dtype=bool)
    picture[10 : 10 + width] = True
    return picture


def save_label(file: Path, label: np.ndarray, spacing: float) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(label.astype(np.uint8), np.diag([spacing, spacing, spacing, 1.0])), file)


def test_density_of_a_line() -> None:
    assert density(line(4)) == pytest.approx(0.1)  # 4 rows of 40


@pytest.mark.parametrize("width", [1, 3, 5])
def test_thickness_is_half_the_width(width: int) -> None:
    assert thickness(line(width)) == pytest.approx(width / 2, abs=0.15)  # the skeleton's ends are a little thinner


def test_thickness_of_nothing_is_not_a_number() -> None:
    assert np.isnan(thickness(np.zeros((5, 5), dtype=bool)))


def test_projections_of_a_straight_vessel() -> None:
    label = np.zeros((40, 40, 40), dtype=np.uint8)
    label[20, 20, :] = 1
    projections = random_projections(label, size=16, number=5, rng=np.random.default_rng(0))
    assert len(projections) == 15
    for first, second, along in zip(projections[::3], projections[1::3], projections[2::3]):
        assert first.shape == (16, 16)
        assert along.sum() == 1  # looked at along its axis the vessel is one pixel
        # Across it, the crop holds between half (its centre at the vessel's end) and all of 16 voxels.
        assert 8 <= first.sum() == second.sum() <= 16


def test_projections_of_a_volume_smaller_than_the_crop() -> None:
    projections = random_projections(np.ones((3, 4, 5)), size=16, number=1, rng=np.random.default_rng(0))
    assert [p.sum() for p in projections] == [20, 15, 12]


def test_labels_are_resampled_to_the_working_spacing(tmp_path: Path) -> None:
    label = np.zeros((10, 20, 30))
    label[4:6] = 1
    save_label(tmp_path / "a.nii.gz", label, spacing=1.2)
    assert load_label(tmp_path / "a.nii.gz", spacing=0.6).shape == (19, 39, 59)


def test_empty_label_is_named(tmp_path: Path) -> None:
    save_label(tmp_path / "nothing.nii.gz", np.zeros((5, 5, 5)), spacing=1.0)
    with pytest.raises(ValueError, match="nothing"):
        load_label(tmp_path / "nothing.nii.gz", spacing=1.0)


def test_no_label_is_an_error(tmp_path: Path) -> None:
    Image.fromarray(line(2).astype(np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(FileNotFoundError, match="No label volume"):
        print_reference_statistics(str(tmp_path), str(tmp_path), CropAndOverlap(16), spacing=1.0, crops=1)


def test_table_holds_means_and_percentiles() -> None:
    empty = np.zeros((40, 40), dtype=bool)
    text = table({"lines": [empty, line(4)]})
    assert "| lines | density, fraction | 0.050 | 0.010 | 0.050 | 0.090 |" in text  # 0 and 0.1
    assert "| lines | thickness, mean radius in pixels | 1." in text  # the empty picture has none


def test_config_prints_both_rows(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    masks = tmp_path / "masks_2d"
    masks.mkdir()
    Image.fromarray(line(3).astype(np.uint8)).save(masks / "a.png")
    save_label(tmp_path / "labels" / "a.nii.gz", np.pad(np.ones((2, 2, 40)), ((19, 19), (19, 19), (0, 0))), spacing=0.6)
    settings = {"masks_dir": str(masks), "labels_dir": str(tmp_path / "labels"), "crop_size": 32, "crops": 2}
    run(config_file=str(CONFIG), **settings)
    printed = capsys.readouterr().out
    assert "6 projections of labels" in printed
    assert "as many reference masks" in printed
