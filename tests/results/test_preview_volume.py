import base64
import gzip

import numpy as np
import pytest

from scripts.results.preview_volume import preview_volume


def test_crop_to_the_brain_and_grey_values():
    scan, brain, vessels = (np.zeros((40, 30, 20)) for _ in range(3))
    brain[10:30, 5:25, 2:12] = 1
    scan[:] = 500  # bright scalp
    scan[10:30, 5:25, 2:12] = np.linspace(0, 100, 10)
    vessels[20, 15, 5] = 1
    volume, spacing = preview_volume(vessels, scan, brain, (1.0, 1.0, 2.0))
    assert volume.shape == (20, 20, 10, 2)
    assert volume.dtype == np.uint8
    mask, grey = np.moveaxis(volume, -1, 0)
    np.testing.assert_allclose(spacing, (1, 1, 2))
    np.testing.assert_array_equal(np.argwhere(mask), [[10, 10, 3]])
    assert mask.max() == 255
    assert (np.diff(grey[0, 0, 1:].astype(int)) > 0).all()
    assert (grey.min(), grey.max()) == (0, 252)


def test_large_volumes_shrink_and_thin_vessels_stay():
    vessels, brain = np.zeros((400, 300, 150)), np.ones((400, 300, 150))
    vessels[7:390, 100, 71] = 1
    volume, spacing = preview_volume(vessels, vessels, brain, (0.4, 0.4, 0.6))
    assert volume.shape[:3] == (128, 96, 72)  # 160 x 120 x 90 mm in steps of 1.25 mm
    np.testing.assert_allclose(spacing, 1.25)
    assert (volume[3:124, ..., 0].max(axis=(1, 2)) == 255).all()


def test_noise_stays_below_three_megabytes():
    noise = np.random.default_rng(0).random((64, 64, 64))  # an eighth of the largest
    volume, _ = preview_volume(noise > 0.5, noise, np.ones(noise.shape), (1, 1, 1))
    assert 8 * len(base64.b64encode(gzip.compress(volume.tobytes()))) < 3e6


@pytest.mark.parametrize("empty", [False, True])
def test_without_a_brain_mask_there_is_no_scan(empty):
    vessels = np.zeros((8, 8, 8))
    vessels[2:5, 3, 3] = not empty
    volume, _ = preview_volume(vessels, np.ones((8, 8, 8)), None, (1, 1, 1))
    assert volume.shape[3] == 1
    assert (volume > 0).sum() == (0 if empty else 3)


def test_an_empty_brain_mask_crops_nothing():
    volume, _ = preview_volume(np.zeros((8, 8, 8)), np.ones((8, 8, 8)), np.zeros((8, 8, 8)), (1, 1, 1))
    assert volume.shape == (8, 8, 8, 2)
    assert not volume.any()
