import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from scripts.simulation.arterial_tree import grow_arterial_tree
from scripts.simulation.simulate import list_cases
from scripts.vessels.swc import VesselTree, write_swc
from tests.killed_runs import ROOT
from tests.monai_command import monai_command


@pytest.fixture
def trees(tmp_path):
    tree = grow_arterial_tree(0, terminals=12)
    small = VesselTree(tree.points * 0.3, tree.radii, tree.parents)
    for folder in ("train", "validation", "test"):
        write_swc(small, tmp_path / "trees" / folder / f"{folder}_1.swc")
    return tmp_path / "trees"


def simulate(output_dir, trees, *more):
    places = ("--output_dir", output_dir, "--trees", trees)
    numbers = ("--masks_2d", "2", "--spacing", "1.0")
    return monai_command("--config_file", "configs/simulate.yaml", *places, *numbers, *more, cwd=ROOT)


def test_config_writes_the_layout_and_skips_what_is_there(tmp_path, trees):
    result = simulate(tmp_path / "out", trees)
    assert result.returncode == 0, result.stderr[-2000:]
    files = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*"))
    assert files == sorted(
        ["masks_2d/tree_000.png", "masks_2d/tree_001.png"]
        + [f"training/{kind}/train_1.nii.gz" for kind in ("images", "brain_masks")]
        + [f"{s}/{kind}/{s}_1.nii.gz" for s in ("validation", "test") for kind in ("images", "labels", "brain_masks")]
    )
    scan = nib.load(tmp_path / "out/test/images/test_1.nii.gz")
    label = nib.load(tmp_path / "out/test/labels/test_1.nii.gz")
    assert nib.aff2axcodes(scan.affine) == ("R", "A", "S")
    np.testing.assert_array_equal(scan.affine, label.affine)
    assert set(np.unique(np.asarray(label.dataobj))) == {0, 1}
    assert set(np.unique(np.asarray(Image.open(tmp_path / "out/masks_2d/tree_000.png")))) == {0, 255}
    written = (tmp_path / "out/test/images/test_1.nii.gz").stat().st_mtime_ns
    before = (tmp_path / "out/training/images/train_1.nii.gz").read_bytes()
    assert simulate(tmp_path / "out", trees, "--training_labels", "True").returncode == 0
    assert (tmp_path / "out/test/images/test_1.nii.gz").stat().st_mtime_ns == written
    assert (tmp_path / "out/training/labels/train_1.nii.gz").is_file()  # asked for later, of the same scan
    assert (tmp_path / "out/training/images/train_1.nii.gz").read_bytes() == before


def test_cases_by_number_and_by_name(trees):
    assert [case.name for case in list_cases(None, {"test": ["demo"]})] == ["demo"]
    assert [case.name for case in list_cases(None, {"training": 2})] == ["grown_training_000", "grown_training_001"]
    assert [case.split for case in list_cases(str(trees), None)] == ["training", "validation", "test"]
    assert [case.name for case in list_cases(str(trees), {"test": 1})] == ["test_1"]


def test_clear_errors(tmp_path, trees):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        list_cases(str(tmp_path / "nowhere"), None)
    with pytest.raises(ValueError, match="sub-folders"):
        list_cases(str(tmp_path / "trees" / "train"), None)
    with pytest.raises(ValueError, match="tests"):
        list_cases(None, {"tests": 1})
    for wanted in (-1, 1.5, "demo", ["demo", 2]):
        with pytest.raises(ValueError, match="cases must count"):
            list_cases(None, {"test": wanted})
    with pytest.raises(ValueError, match="numbers"):
        list_cases(str(trees), {"test": ["demo"]})
