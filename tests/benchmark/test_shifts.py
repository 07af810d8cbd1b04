from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from scripts.benchmark import shift_suite
from scripts.benchmark.shift_suite import shift_table, write_shifts
from scripts.benchmark.shifted_scan import low_frequencies, shifted_scan, thick_slices
from scripts.benchmark.shifts import SHIFTS, Shift
from scripts.io.user_error import UserError
from scripts.simulation.arterial_tree import grow_arterial_tree
from scripts.simulation.tof_mra import TofMraSimulator, random_streams
from scripts.vessels.swc import VesselTree
from tests.empty_files import touch
from tests.run_inference import ROOT


@pytest.fixture(scope="module")
def tree():
    whole = grow_arterial_tree(0, terminals=20)
    return VesselTree(whole.points * 0.35, whole.radii, whole.parents)  # a head of 6 cm, to be fast


@pytest.fixture(scope="module")
def simulator():
    return TofMraSimulator(spacing=0.8)


@pytest.fixture(scope="module")
def scan_of(tree, simulator):
    anatomy, vessels, scanner = random_streams(5)
    parts = simulator.signal(tree, anatomy, vessels, scanner)
    return lambda **change: shifted_scan(parts, tree, simulator, Shift("one", **change), scanner)


def test_no_shift_is_the_simulators_own_scan(tree, simulator, scan_of):
    own, scan = simulator(tree, 5), scan_of()
    np.testing.assert_allclose(scan.scan, own.scan, rtol=1e-3, atol=0.5)
    np.testing.assert_array_equal(scan.label, own.label)
    np.testing.assert_array_equal(scan.brain_mask, own.brain_mask)


def test_a_shift_leaves_the_anatomy_alone(scan_of):
    reference = scan_of()
    for change in ({"noise": 2.0}, {"grain": 0.5}, {"bias": 3.0}, {"blur": 0.6}, {"sampled": 0.6}, {"gamma": 0.6}):
        scan = scan_of(**change)
        np.testing.assert_array_equal(scan.label, reference.label)
        assert (scan.scan != reference.scan).mean() > 0.9


def test_noise_keeps_its_strength_whatever_its_grain(scan_of):
    air = (slice(0, 8), slice(0, 8), slice(-8, None))
    plain, grainy, filled = (scan_of(**change).scan[air] for change in ({}, {"grain": 0.8}, {"sampled": 0.6}))
    assert grainy.std() == pytest.approx(plain.std(), rel=0.4)
    assert filled.std() == pytest.approx(plain.std(), rel=0.4)

    def roughness(volume):
        return np.diff(volume, axis=0).std() / volume.std()

    assert max(roughness(grainy), roughness(filled)) < 0.9 * roughness(plain)


def test_brain_masks(scan_of):
    given, large, small, none, cut = (
        scan_of(**change).brain_mask
        for change in ({}, {"growth": 6.0}, {"growth": -2.0}, {"mask": "none"}, {"mask": "cut"})
    )
    assert (given <= large).all() and (small <= given).all() and none.all()
    assert small.sum() < given.sum() < large.sum()
    low = np.nonzero(cut.any((0, 1)))[0].min()
    assert low > np.nonzero(given.any((0, 1)))[0].min()
    np.testing.assert_array_equal(cut[:, :, low:], given[:, :, low:])


def test_a_field_of_view_lies_where_it_did(scan_of):
    whole, half = scan_of(), scan_of(view="half")
    assert half.scan.shape[0] < 0.7 * whole.scan.shape[0]
    start = round((half.affine[0, 3] - whole.affine[0, 3]) / 0.8)
    np.testing.assert_array_equal(half.label, whole.label[start:])
    with pytest.raises(ValueError, match="sphere"):
        scan_of(view="sphere")


def test_thick_slices_hold_what_their_thin_ones_held(tree, simulator, scan_of):
    parts = simulator.signal(tree, *random_streams(5))
    thick = thick_slices(parts, 2)
    assert thick.spacing == (0.8, 0.8, 1.6)
    np.testing.assert_allclose(thick.fraction[:, :, 3], parts.fraction[:, :, 6:8].mean(-1))
    scan = scan_of(thick_slices=2)
    assert scan.scan.shape == scan.brain_mask.shape == thick.tissue.shape and scan.affine[2, 2] == 1.6


def test_frequencies_that_are_kept_are_unchanged():
    x = np.arange(32)
    slow, fast = (np.cos(2 * np.pi * cycles * x / 32) for cycles in (3, 14))
    volume = (slow + fast)[:, None, None] * np.ones((1, 16, 4))
    np.testing.assert_allclose(low_frequencies(volume, 0.5), slow[:, None, None] * np.ones((1, 16, 4)), atol=1e-5)


def test_names_are_folders_of_their_own():
    assert len({shift.name for shift in SHIFTS}) == len(SHIFTS)


def test_the_suite_is_written_once(tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shift_suite, "grow_arterial_tree", lambda seed: tree)
    names = ["noise_double", "mask_estimated", "contrast_flat"]
    write_shifts(str(tmp_path), None, grown=1, names=names)
    files = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.nii.gz")}
    assert {file.parts[0] for file in files} == set(names)
    assert Path("mask_estimated/test/brain_masks/grown_shift_000.nii.gz") not in files and len(files) == 8
    image = tmp_path / "noise_double/test/images/grown_shift_000.nii.gz"
    label = nib.load(tmp_path / "noise_double/test/labels/grown_shift_000.nii.gz")
    assert nib.load(image).shape == label.shape
    before = image.stat().st_mtime_ns
    write_shifts(str(tmp_path), None, grown=1, names=names)
    assert image.stat().st_mtime_ns == before


def test_a_shift_that_there_is_not_is_named_with_those_that_there_are(tmp_path: Path):
    with pytest.raises(UserError, match="no shift is called noise_duoble, boxes; there are reference, noise_half,"):
        write_shifts(str(tmp_path), None, grown=1, names=["noise_duoble", "box", "boxes"])
    assert not list(tmp_path.iterdir())


def test_a_folder_without_a_shift_says_which_config_makes_the_suite(tmp_path: Path):
    with pytest.raises(UserError, match=r"configs/\S+ makes the suite") as error:
        shift_suite.score_shifts(str(tmp_path), str(tmp_path), ["a.yaml"])
    (config,) = [word for word in str(error.value).split() if word.startswith("configs/")]
    assert (ROOT / config).is_file()


def test_the_table_has_mean_and_worst():
    rows = {
        "a": [{"DSC": "0.5", "clDice": "0.6"}, {"DSC": "0.7", "clDice": "0.8"}],
        "b": [{"DSC": "0.2", "clDice": "1"}],
    }
    lines = shift_table(rows).splitlines()
    assert lines[2:] == [
        "| a | 0.600 | 0.700 |",
        "| b | 0.200 | 1.000 |",
        "| **mean** | 0.400 | 0.850 |",
        "| **worst** | 0.200 | 0.700 |",
    ]


def test_a_shift_that_has_its_scores_is_not_scored_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (shift.name for shift in SHIFTS[:2])
    touch(tmp_path / "suite", *(f"{name}/test/images/a.nii.gz" for name in (first, second)))
    scored = []

    def evaluate(config_file, dataset_dir, output_dir, **settings):
        scored.append((config_file, Path(dataset_dir).name, settings))
        Path(output_dir).mkdir(parents=True)
        (Path(output_dir) / "metrics.csv").write_text("case,DSC,clDice\na,0.5,0.7\n")

    monkeypatch.setattr(shift_suite, "run_config", evaluate)
    for _ in range(2):
        shift_suite.score_shifts(str(tmp_path / "suite"), str(tmp_path / "scores"), ["a.yaml"], threshold=0.3)
    assert scored == [(["a.yaml"], name, {"threshold": 0.3}) for name in (first, second)]
    assert "| **worst** | 0.500 | 0.700 |" in (tmp_path / "scores/shifts.md").read_text()
