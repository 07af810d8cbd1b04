import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from scipy.ndimage import distance_transform_edt, maximum_filter

from scripts.transforms.brain_mask import STRIPPED, BrainMaskd, estimate_brain_mask
from tests.synthetic_head import head_of_thin_bone, head_with_eyes, shaded, synthetic_head


@pytest.mark.parametrize("seed", [0, 1])
def test_a_head_gives_its_brain_with_the_arteries_below_it(seed):
    scan, brain, vessels = synthetic_head(seed)
    mask = estimate_brain_mask(scan, (2.0, 2.0, 2.0))
    assert mask[brain].mean() > 0.995
    assert mask[vessels].mean() > 0.98  # circle of Willis in its cistern, vertebral arteries along the stem
    assert mask.sum() < 1.05 * brain.sum()
    assert not mask[:, :, 60:][scan[:, :, 60:] > 160].any()  # scalp


def test_an_artery_amid_an_open_fissure_stays_in():
    scan, _, _ = synthetic_head()
    x, y, z = np.meshgrid(*[(np.arange(n) + 0.5) * 2.0 for n in scan.shape], indexing="ij")  # mm
    fissure = (np.abs(y - 111) < 10) & (x > 110) & (x < 172) & (z > 60) & (z < 100)  # from the middle to the right edge
    scan[fissure] = 40
    artery = fissure & (np.hypot(y - 111, z - 81) < 2.2) & (x < 160)  # 8 mm from tissue
    scan[artery] = 300
    assert estimate_brain_mask(scan, (2.0, 2.0, 2.0))[artery].mean() > 0.98


def test_a_bias_field_costs_no_brain():
    scan, brain, vessels = synthetic_head()
    shading = np.linspace(0.5, 1.5, scan.shape[0], dtype=np.float32)[:, None, None]  # left to right
    mask = estimate_brain_mask(scan * shading, (2.0, 2.0, 2.0))
    assert mask[brain].mean() > 0.995
    assert mask[vessels].mean() > 0.98
    assert mask.sum() < 1.05 * brain.sum()


def test_a_muscle_is_cut_off_where_thin_bone_joins_it_to_the_brain():
    scan, brain = head_of_thin_bone()
    mask = estimate_brain_mask(scan, (2.0, 2.0, 2.0))
    assert mask[brain].mean() > 0.995
    assert mask.sum() < 1.03 * brain.sum()


def test_eyes_that_touch_the_brain_cost_none_of_it_in_shading():
    scan, brain, _ = head_with_eyes()
    mask = estimate_brain_mask(shaded(scan, right=0.9, back=0.45), (2.0, 2.0, 2.0))
    assert mask[brain].mean() > 0.98
    assert mask.sum() < 1.05 * brain.sum()


def test_a_threshold_that_cuts_the_brain_is_not_taken_to_cut_a_muscle_off():
    scan, brain = head_of_thin_bone()
    assert estimate_brain_mask(shaded(scan, up=1.1), (2.0, 2.0, 2.0))[brain].mean() > 0.8


def test_air_as_bright_as_half_of_the_tissue_is_no_head():
    scan, brain, _ = synthetic_head()
    mask = estimate_brain_mask(scan + 60, (2.0, 2.0, 2.0))
    assert mask[brain].mean() > 0.99
    assert mask.sum() < 1.015 * brain.sum()


def test_the_spacing_changes_the_mask_but_little():
    scan, _, _ = synthetic_head()
    mask = estimate_brain_mask(scan, (2.0, 2.0, 2.0))
    fine, _, _ = synthetic_head(spacing=1.0)
    thinned = estimate_brain_mask(fine[:, ::2, :], (1.0, 2.0, 1.0))[::2, :, ::2]
    assert 2 * (mask & thinned).sum() / (mask.sum() + thinned.sum()) > 0.97


def test_a_slab_is_no_smaller_at_its_cut_faces():
    scan, brain, _ = synthetic_head()
    slab = slice(25, 50)
    mask = estimate_brain_mask(scan[:, :, slab], (2.0, 2.0, 2.0))
    assert mask[brain[:, :, slab]].mean() > 0.995
    assert all(mask[..., face][brain[:, :, slab][..., face]].all() for face in (0, -1))


def test_a_stripped_scan_keeps_its_folded_surface():
    scan, brain, vessels = synthetic_head()
    surface = brain & (distance_transform_edt(brain, 2.0) < 20)
    sulci = (np.indices(scan.shape).sum(axis=0) % 12 < 2) & surface & ~vessels
    scan[sulci] = 30
    mask = estimate_brain_mask(scan * brain, (2.0, 2.0, 2.0))
    assert mask[brain].mean() > 0.995 and mask[~brain].mean() < 0.01


def test_a_head_whose_air_was_emptied_is_not_taken_for_a_stripped_one():
    scan, brain = head_of_thin_bone()
    scan *= maximum_filter(scan > 50, 9)
    assert (scan == 0).mean() > STRIPPED
    mask = estimate_brain_mask(scan, (2.0, 2.0, 2.0))
    assert mask[brain].mean() > 0.995 and mask.sum() < 1.03 * brain.sum()


@pytest.mark.parametrize("empty", [0.0, -50.0])
def test_a_skull_stripped_scan_keeps_its_brain_and_nothing_that_was_emptied(empty):
    scan, brain, _ = synthetic_head()
    mask = estimate_brain_mask(np.where(brain, scan, empty), (2.0, 2.0, 2.0))
    assert mask[brain].mean() > 0.99
    assert mask[~brain].mean() < 0.01  # corners of the brain's outline narrower than 3 mm


def test_where_little_but_vessels_is_left_the_emptied_voxels_stand_for_tissue():
    scan, _, vessels = synthetic_head()
    assert estimate_brain_mask(scan * vessels, (2.0, 2.0, 2.0)).all()


def test_a_hole_in_what_is_left_is_brain_and_a_gap_is_not():
    scan = np.zeros((40, 40, 44), np.float32)
    scan[8:32, 8:32, 8:20] = 100
    scan[14:16, 14:16, 12:14] = 0  # 1 mm wide, at 0.5 mm
    scan[8:32, 8:32, 30:36] = 100  # 5 mm above
    mask = estimate_brain_mask(scan, (0.5, 0.5, 0.5))
    np.testing.assert_array_equal(np.flatnonzero(mask.any(axis=(0, 1))), [*range(8, 20), *range(30, 36)])
    assert mask[8:32, 8:32, 8:20].all()
    assert mask.sum() == 24 * 24 * (12 + 6)


def test_a_standardised_scan_has_the_same_brain():
    scan, _, _ = synthetic_head()
    mask = estimate_brain_mask(scan, (2.0, 2.0, 2.0))
    standardised = estimate_brain_mask((scan - scan.mean()) / scan.std(), (2.0, 2.0, 2.0))
    assert 2 * (mask & standardised).sum() / (mask.sum() + standardised.sum()) > 0.99


def test_noise_gives_the_whole_field_of_view():
    noise = np.random.default_rng(0).rayleigh(8, (20, 20, 20)).astype(np.float32)
    assert estimate_brain_mask(noise, (1.0, 1.0, 1.0)).all()


@pytest.mark.parametrize("sides", [(21, 19, 10), (30, 30, 18), (45, 40, 25)])  # voxels of 2 mm
def test_a_box_inside_the_head_is_taken_whole(sides):
    scan, _, vessels = synthetic_head()
    centre = np.argwhere(vessels).mean(axis=0)  # in the circle of Willis: cistern, tissue, bone below
    box = tuple(slice(int(c - n / 2), int(c - n / 2) + n) for c, n in zip(centre, sides))
    assert vessels[box].any()
    assert estimate_brain_mask(scan[box], (2.0, 2.0, 2.0)).all()


def test_a_box_with_an_emptied_side_keeps_the_rest():
    scan, _, _ = synthetic_head()
    box = scan[40:60, 50:70, 30:50].copy()
    box[:8] = 0
    mask = estimate_brain_mask(box, (2.0, 2.0, 2.0))
    assert not mask[:8].any()
    assert mask[8:].all()


def test_a_brain_that_is_not_found_is_an_error():
    noise = np.random.default_rng(0).rayleigh(8, (60, 60, 20)).astype(np.float32)
    with pytest.raises(ValueError, match=r"scan: the brain could not be found \(.* --brain_mask none"):
        BrainMaskd()({"image": MetaTensor(torch.from_numpy(noise)[None], affine=np.diag([2.0, 2.0, 2.0, 1.0]))})


def test_two_slices_are_enough():
    scan, brain, _ = synthetic_head()
    mask = estimate_brain_mask(scan[:, :, 40:42], (2.0, 2.0, 2.0))
    assert mask.shape == (100, 110, 2)
    assert mask[brain[:, :, 40:42]].mean() > 0.995


def test_the_source_of_the_mask_is_told():
    scan, _, _ = synthetic_head()
    image = MetaTensor(torch.from_numpy(scan)[None], affine=np.diag([2.0, 2.0, 2.0, 1.0]))
    given = MetaTensor(torch.zeros_like(image.as_tensor()))
    given[0, 50, 50, 40] = 7
    user = BrainMaskd()({"image": image, "brain_mask": given})
    assert (user["mask_source"], int(user["brain_mask"].sum())) == ("user", 1)
    none = BrainMaskd("none")({"image": image, "brain_mask": given})
    assert none["mask_source"] == "none"
    assert none["brain_mask"].all()
    estimated = BrainMaskd()({"image": image})
    assert estimated["mask_source"] == "estimated"
    assert estimated["brain_mask"].dtype == torch.uint8
    with pytest.raises(ValueError, match="'hd-bet' is unknown"):
        BrainMaskd("hd-bet")


@pytest.mark.skipif("VESSEL_SLD_DATA" not in os.environ, reason="VESSEL_SLD_DATA names no folder of real scans")
def test_a_real_scan_with_its_background_removed_is_taken_whole():
    scan = nib.load(Path(os.environ["VESSEL_SLD_DATA"]) / "scans" / "chris_MRA.nii.gz")  # orientation RAS
    assert estimate_brain_mask(scan.get_fdata(dtype=np.float32), scan.header.get_zooms()).all()
