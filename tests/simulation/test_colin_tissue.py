from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from scripts.io.user_error import UserError
from scripts.simulation import colin_tissue
from scripts.simulation.arterial_tree import grow_arterial_tree
from scripts.simulation.head import SHAPE_SPACING, TISSUE_SPACING, head_around, interpolate
from scripts.simulation.tof_mra import TofMraSimulator
from scripts.vessels.swc import to_ras


@pytest.fixture
def ball(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A brain of white matter with a core of fluid, in bone; a ball of 60 mm whose centre is not the grid's."""
    radius = np.sqrt(sum((line - 70) ** 2 for line in np.ogrid[:150, :160, :140]))
    values = np.where(radius < 30, 0.31, np.where(radius < 60, 1.0, 0.2)) * colin_tissue.WHITE_MATTER
    for name, volume in (("ch2", values), ("ch2bet", values * (radius < 60))):
        nib.save(nib.Nifti1Image(volume.astype(np.float32), np.diag([-1.0, 1, 1, 1])), tmp_path / f"{name}.nii.gz")
    monkeypatch.setattr(colin_tissue, "TEMPLATES", tmp_path)
    colin_tissue._colin.cache_clear()
    yield
    colin_tissue._colin.cache_clear()


@pytest.mark.usefixtures("ball")
def test_the_brain_is_stretched_to_the_simulated_ones_surface():
    head = head_around(to_ras(grow_arterial_tree(0, terminals=30).points))
    signal = colin_tissue.colin_signal(head)
    depth = interpolate(head.depth(), SHAPE_SPACING, signal.shape, TISSUE_SPACING)
    offsets = head.grid_points(TISSUE_SPACING) - head.centre
    share = np.linalg.norm(offsets, axis=-1) / head.surface_radius(offsets)  # of the way to the surface
    np.testing.assert_allclose(signal[(depth > 3) & (share > 0.55)], 1.0, atol=0.01)
    np.testing.assert_allclose(signal[share < 0.45], 0.42, atol=0.01)
    beyond = (np.linalg.norm(offsets, axis=-1) - head.surface_radius(offsets) > 2) & (signal > 0)
    assert beyond.any() and np.median(signal[beyond]) == pytest.approx(0.15, abs=0.01)


def test_a_real_head_keeps_the_arteries_and_the_brain_mask_of_the_simulated_one():
    if not colin_tissue.TEMPLATES.is_dir():
        pytest.skip("Debian's package mricron-data is not installed")
    tree = grow_arterial_tree(1, terminals=30)
    plain, real = (TofMraSimulator(spacing=1.5, tissue=tissue)(tree, 0) for tissue in ("procedural", "colin"))
    np.testing.assert_array_equal(plain.label, real.label)
    np.testing.assert_array_equal(plain.brain_mask, real.brain_mask)
    tissue = real.brain_mask & ~real.label
    assert np.median(real.scan[tissue]) > 2 * np.median(real.scan[~real.brain_mask])


def test_what_to_install_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    colin_tissue._colin.cache_clear()
    monkeypatch.setattr(colin_tissue, "TEMPLATES", tmp_path)
    with pytest.raises(UserError, match="mricron-data"):
        TofMraSimulator(spacing=2.0, tissue="colin")(grow_arterial_tree(1, terminals=20), 0)
