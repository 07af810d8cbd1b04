import base64
import gzip

import nibabel as nib
import numpy as np
import pytest

from scripts.report.preview_volume import preview_volumes


def decoded(text):
    image = nib.Nifti1Image.from_bytes(gzip.decompress(base64.b64decode(text)))
    return np.asarray(image.dataobj), image.header.get_zooms()


def test_crop_to_the_brain_and_grey_values():
    scan, brain, vessels = (np.zeros((40, 30, 20)) for _ in range(3))
    brain[10:30, 5:25, 2:12] = 1
    scan[:] = 500  # bright scalp
    scan[10:30, 5:25, 2:12] = np.linspace(0, 100, 10)
    vessels[20, 15, 5] = 1
    mask, grey = preview_volumes(vessels, scan, brain, (1.0, 1.0, 2.0))
    mask, spacing = decoded(mask)
    grey, _ = decoded(grey)
    assert mask.shape == grey.shape == (20, 20, 10)
    assert mask.dtype == grey.dtype == np.uint8
    np.testing.assert_allclose(spacing, (1, 1, 2))
    np.testing.assert_array_equal(np.argwhere(mask), [[10, 10, 3]])
    assert mask.max() == 255
    assert (np.diff(grey[0, 0, 1:].astype(int)) > 0).all()
    assert (grey.min(), grey.max()) == (0, 252)


def test_large_volumes_shrink_and_thin_vessels_stay():
    vessels, brain = np.zeros((400, 300, 150)), np.ones((400, 300, 150))
    vessels[7:390, 100, 71] = 1
    mask, _ = preview_volumes(vessels, None, brain, (0.4, 0.4, 0.6))
    mask, spacing = decoded(mask)
    assert mask.shape == (128, 96, 72)  # 160 x 120 x 90 mm in steps of 1.25 mm
    np.testing.assert_allclose(spacing, 1.25)
    assert (mask[3:124].max(axis=(1, 2)) == 255).all()


def test_noise_stays_below_three_megabytes():
    noise = np.random.default_rng(0).random((64, 64, 64))  # an eighth of the largest
    mask, grey = preview_volumes(noise > 0.5, noise, np.ones(noise.shape), (1, 1, 1))
    assert 8 * (len(mask) + len(grey)) < 3e6


@pytest.mark.parametrize("brain", [None, np.zeros((8, 8, 8))])
def test_without_a_brain_mask_there_is_no_scan(brain):
    vessels = np.zeros((8, 8, 8))
    vessels[2:5, 3, 3] = 1
    mask, grey = preview_volumes(vessels, None if brain is not None else np.ones((8, 8, 8)), brain, (1, 1, 1))
    assert grey is None
    assert (decoded(mask)[0] > 0).sum() == 3
    assert decoded(preview_volumes(np.zeros((8, 8, 8)), None, None, (1, 1, 1))[0])[0].max() == 0
