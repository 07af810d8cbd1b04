import sys

import numpy as np
import pytest

from scripts.io.user_error import UserError
from scripts.simulation import mni_tissue
from scripts.simulation.arterial_signal import inflow_contrast
from scripts.simulation.arterial_tree import grow_arterial_tree
from scripts.simulation.scanner import acquire
from scripts.simulation.tof_mra import TofMraSimulator
from scripts.vessels.swc import VesselTree, to_ras


@pytest.fixture(scope="module")
def tree():
    whole = grow_arterial_tree(0, terminals=20)
    return VesselTree(whole.points * 0.35, whole.radii, whole.parents)  # a head of 6 cm, to be fast


@pytest.fixture(scope="module")
def case(tree):
    return TofMraSimulator(spacing=0.8)(tree, 5)


def test_nodes_lie_in_the_label_through_the_affine(tree, case):
    voxels = np.linalg.inv(case.affine) @ np.c_[to_ras(tree.points), np.ones(len(tree.points))].T
    assert case.label[tuple(np.rint(voxels[:3]).astype(int))].all()


def test_brain_mask_holds_the_arteries(case):
    assert case.brain_mask[case.label].mean() > 0.98
    assert case.scan.shape == case.label.shape == case.brain_mask.shape


def test_same_seed_same_scan(tree, case):
    again = TofMraSimulator(spacing=0.8)(tree, 5)
    np.testing.assert_array_equal(again.scan, case.scan)
    assert (TofMraSimulator(spacing=0.8)(tree, 6).scan != case.scan[: again.scan.shape[0]]).mean() > 0.9


def test_noise_leaves_anatomy_alone(tree, case):
    louder = TofMraSimulator(spacing=0.8, noise=(0.2, 0.3))(tree, 5)
    np.testing.assert_array_equal(louder.label, case.label)
    np.testing.assert_array_equal(louder.brain_mask, case.brain_mask)


def test_bright_structures_that_are_no_arteries(tree):
    quiet = dict(spacing=0.8, noise=(1e-4, 1e-4), bias=(0.0, 0.0))
    plain = TofMraSimulator(**quiet, venous_contrast=(0, 0), meningeal_contrast=(0, 0))(tree, 5)
    veins = TofMraSimulator(**quiet, venous_contrast=(0.8, 0.8), meningeal_contrast=(0.8, 0.8))(tree, 5)
    np.testing.assert_array_equal(veins.label, plain.label)
    brighter = (veins.scan > 1.2 * plain.scan) & veins.brain_mask & ~veins.label
    assert brighter.sum() > 100


def test_without_confounders_only_they_are_missing(tree, case):
    clean = TofMraSimulator(spacing=0.8, confounders=False)(tree, 5)
    np.testing.assert_array_equal(clean.label, case.label)
    assert (clean.scan < case.scan).sum() > 100
    assert not (clean.scan > case.scan + 1e-3 * case.scan.max()).any()


def test_wide_arteries_are_brighter():
    straight = np.stack([np.arange(50.0), np.zeros(50), np.zeros(50)], axis=1)
    parents = np.arange(-1, 49)
    wide = inflow_contrast(VesselTree(straight, np.full(50, 2.0), parents), 2.0, np.random.default_rng(0))
    thin = inflow_contrast(VesselTree(straight, np.full(50, 0.35), parents), 2.0, np.random.default_rng(0))
    assert (wide > 2 * thin).all()


def test_blood_saturates_on_its_way():
    straight = np.stack([np.arange(101) * 5.0, np.zeros(101), np.zeros(101)], axis=1)  # 500 mm
    tree = VesselTree(straight, np.full(101, 0.7), np.arange(-1, 100))
    logs = [np.log(inflow_contrast(tree, 2.0, np.random.default_rng(seed))) for seed in range(200)]
    # e^-1 is left after 500 mm; branches differ by 0.25, so the mean of 200 is known to 0.03
    assert np.mean(logs, axis=0)[-1] - np.mean(logs, axis=0)[0] == pytest.approx(-1, abs=0.1)


def test_thin_arteries_may_be_as_bright_as_wide_ones():
    straight = np.stack([np.arange(50.0), np.zeros(50), np.zeros(50)], axis=1)
    wide, thin = (
        inflow_contrast(
            VesselTree(straight, np.full(50, radius), np.arange(-1, 49)), 2.0, np.random.default_rng(0), thin_share=1
        )
        for radius in (0.7, 0.35)  # an end wider than 0.8 mm is an inlet
    )
    np.testing.assert_allclose(wide, thin)


def test_noise_is_rician():
    rng = np.random.default_rng(0)
    # without signal: Rayleigh, mean sigma sqrt(pi / 2); far above noise: mean sqrt(A^2 + sigma^2), deviation sigma
    air = acquire(np.zeros((40, 40, 40), np.float32), 0.6, 2.0, rng)
    assert air.mean() == pytest.approx(2 * np.sqrt(np.pi / 2), rel=0.01)
    bright = acquire(np.full((40, 40, 40), 40.0, np.float32), 0.6, 2.0, rng)
    assert bright.mean() == pytest.approx(np.hypot(40, 2), rel=0.005)
    assert bright.std() == pytest.approx(2, rel=0.02)


def test_spacing_must_be_positive():
    with pytest.raises(ValueError, match="spacing"):
        TofMraSimulator(spacing=0)


def test_average_brain_changes_tissue_and_leaves_arteries(tree, case):
    pytest.importorskip("nilearn", reason="the extra nilearn is not installed")
    average = TofMraSimulator(spacing=0.8, tissue="mni")(tree, 5)
    np.testing.assert_array_equal(average.label, case.label)
    assert (average.scan != case.scan)[case.brain_mask].mean() > 0.5


def test_average_brain_without_nilearn_says_what_to_install(tree, monkeypatch):
    mni_tissue._templates.cache_clear()
    monkeypatch.setitem(sys.modules, "nilearn.datasets", None)
    with pytest.raises(UserError, match="pip install nilearn"):
        TofMraSimulator(spacing=0.8, tissue="mni")(tree, 5)


def test_unknown_tissue_is_refused():
    with pytest.raises(ValueError, match="procedural or mni or voronoi or colin"):
        TofMraSimulator(tissue="atlas")
