import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.benchmark.threshold_sweep import THRESHOLDS, kinds_table, main, sweep
from scripts.metrics.score_files import score_against_file
from tests.phantom import RAS, grid, phantom, save

SHAPE = (76, 76, 76)  # mm: enough brain for its contrast to be measured
AFFINE = grid(RAS, (1.0, 1.0, 1.0), SHAPE)


@pytest.fixture(scope="module")
def scan_and_vessel() -> tuple[np.ndarray, np.ndarray]:
    return phantom(AFFINE, SHAPE)


def probability(vessel: np.ndarray, sure: float, halo: float) -> np.ndarray:
    """`sure` in the vessel, `halo` beside it, and a lonely voxel of 1."""
    thick = np.roll(vessel, 1, axis=2) | np.roll(vessel, -1, axis=2)
    volume = np.where(vessel, sure, np.where(thick, halo, 0)).astype(np.float32)
    volume[2, 2, 2] = 1
    return volume


def test_scores_are_those_of_the_evaluation(tmp_path: Path, scan_and_vessel) -> None:
    _, vessel = scan_and_vessel
    half = vessel.copy()
    half[: int(np.median(np.argwhere(vessel)[:, 0]))] = 0
    label = str(save(tmp_path / "label.nii.gz", vessel.astype(np.uint8), AFFINE))
    volume = MetaTensor(torch.from_numpy(probability(half, 0.7, 0.2)[None]), affine=torch.from_numpy(AFFINE))
    found = sweep(volume, label)
    assert list(found) == list(THRESHOLDS)
    for threshold in (0.15, 0.2, 0.25, 0.7):
        mask = (volume >= threshold).float()
        mask[0, 2, 2, 2] = 0  # 1 mm3 is a small component
        expected = score_against_file(mask, label)
        assert found[threshold] == pytest.approx({name: expected[name] for name in found[threshold]}, abs=1e-6)
    assert set(found[0.8].values()) == {0.0}  # nothing is left


def test_each_kind_has_its_own_best_threshold(tmp_path: Path, scan_and_vessel, capsys) -> None:
    scan, vessel = scan_and_vessel
    for kind, sure, halo in (("plain", 0.9, 0.4), ("noisy", 0.2, 0.1)):
        folder = tmp_path / "data" / kind / "validation"
        for part, volume in (("images", scan), ("labels", vessel), ("brain_masks", np.ones(SHAPE))):
            (folder / part).mkdir(parents=True)
            save(folder / part / "a.nii.gz", volume.astype(np.float32), AFFINE)
        (tmp_path / "out" / kind).mkdir(parents=True)
        save(tmp_path / "out" / kind / "a_probability.nii.gz", probability(vessel, sure, halo), AFFINE)
    main(str(tmp_path / "out"), str(tmp_path / "data"), str(tmp_path / "sweep"))
    table = (tmp_path / "sweep" / "thresholds.md").read_text()
    assert table in capsys.readouterr().out
    noisy, plain = ([cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:])
    assert (noisy[0], noisy[4], noisy[8], noisy[9]) == ("noisy", "0.000", "0.15", "1.000")
    assert (plain[0], plain[8], plain[9]) == ("plain", "0.45", "1.000")
    assert 0.01 < float(plain[2]) < 0.1  # noise of 10, tissue of 100, interpolated to a finer grid
    assert float(plain[3]) == pytest.approx(2, abs=0.3)
    rows = list(csv.DictReader((tmp_path / "sweep" / "thresholds.csv").open()))
    assert len(rows) == 2 * len(THRESHOLDS) and kinds_table(rows) == table
