"""Parts of the page beside those of the bundle that they stand for."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.data.utils import compute_importance_map
from scipy import ndimage
from torch.nn import functional as F

from scripts.inferers.brain_window_inferer import BrainWindowInferer
from scripts.inferers.brain_windows import brain_windows
from scripts.inferers.slab_stitcher import SlabStitcher
from scripts.io.scan_warnings import warnings_of
from scripts.transforms.contrast_check import is_hounsfield, standing_out
from scripts.transforms.input_checks import as_mask
from scripts.transforms.normalisation import NormaliseInBraind
from scripts.transforms.resampling import Resampled
from scripts.transforms.small_components import RemoveSmallComponentsd
from scripts.web.page_settings import page_settings
from tests.phantom import RAS, oblique
from tests.run_inference import inference_config
from tests.web.run_module import needs_node, run_module

pytestmark = needs_node


@pytest.fixture(scope="module")
def settings():
    return page_settings(inference_config())


@pytest.mark.parametrize("connectivity", [1, 3])
def test_components(connectivity) -> None:
    mask = np.random.default_rng(0).random((9, 8, 13)) < (0.3 if connectivity == 1 else 0.07)
    call = """(() => {
      const runs = page.runsOf(null, given.mask.length, i => given.mask[i] === 1, given.shape[2]);
      const { roots, sizes } = page.components(runs, given.shape, given.connectivity);
      const labels = new Int32Array(given.mask.length);
      roots.forEach((root, run) => labels.fill(root + 1, runs.starts[run], runs.ends[run]));
      return { labels, sizes: [...sizes].filter(size => size).sort((a, b) => a - b) };
    })()"""
    found = run_module(
        "volume/components.js", call, mask=mask.astype(np.uint8), shape=list(mask.shape), connectivity=connectivity
    )
    labels, count = ndimage.label(mask, ndimage.generate_binary_structure(3, connectivity))
    assert count > 10 and found["sizes"] == sorted(np.bincount(labels.ravel())[1:].tolist())
    pairs = set(zip(labels.ravel().tolist(), found["labels"].tolist()))
    assert len(pairs) == count + 1  # one to one


def test_mask_of_a_threshold(settings) -> None:
    probability = ndimage.gaussian_filter(np.random.default_rng(0).random((20, 24, 28)), 1.2).astype(np.float32)
    probability = (probability - probability.min()) / np.ptp(probability)
    settings = {**settings, "min_component": 3.0}
    call = "new page.Vessels(given.p, given.dims, 0.125, given.settings).mask(0.6)"
    file_order = np.ascontiguousarray(probability.T).ravel()
    found = run_module("results/vessels.js", call, p=file_order, dims=list(probability.shape), settings=settings)
    mask = MetaTensor(torch.from_numpy(probability >= 0.6)[None], affine=torch.diag(torch.tensor([0.5, 0.5, 0.5, 1])))
    expected = RemoveSmallComponentsd("pred", 3.0)({"pred": mask})["pred"][0].numpy()
    assert 0 < expected.sum() < mask.sum()
    np.testing.assert_array_equal(found["mask"].reshape(probability.T.shape).T > 0, expected > 0)
    assert found["millilitres"] == pytest.approx(expected.sum() * 0.125 / 1000)


@pytest.mark.parametrize("overlap", [0.25, 0.5])
@pytest.mark.parametrize("window", ["auto", [96, 112, 128]])
@pytest.mark.parametrize("shape", [(417, 417, 118), (216, 277, 213), (224, 261, 211), (20, 33, 90), (300, 40, 7)])
def test_size_of_windows(settings, shape, window, overlap) -> None:
    given = {"shape": list(shape), "settings": {**settings, "window": window, "overlap": overlap}}
    found = run_module("network/windows.js", "page.layoutOfWindows(given.shape, given.settings)", **given)
    expected = BrainWindowInferer(window, overlap=overlap).layout(shape)
    assert (found["window"], found["step"]) == tuple(list(sides) for sides in expected)


@pytest.mark.parametrize("shape", [(50, 70, 33), (20, 33, 90)])
def test_windows(shape) -> None:
    image = np.zeros(shape, dtype=np.float32)
    image[5:15, 10:30, 4:20] = 1
    layout = {"window": [32, 32, 32], "step": [24, 24, 24]}
    given = {"image": {"data": image, "shape": list(shape)}, "layout": layout}
    found = run_module("network/windows.js", "page.brainWindows(given.image, given.layout)", **given)
    lack = [max(32 - side, 0) for side in shape]
    padded = np.pad(image, [(n // 2, n - n // 2) for n in lack])
    expected = brain_windows(torch.from_numpy(padded) != 0, **layout)
    assert len(expected) > 1
    assert [[at + n // 2 for at, n in zip(corner, lack)] for corner in found] == [list(corner) for corner in expected]


@pytest.mark.parametrize("corner", [(-2, 3, -5), (0, 0, 0), (-3, -1, 1)])
def test_a_window_goes_on_beyond_the_scan_as_the_bundles_does(corner) -> None:
    image = np.random.default_rng(0).random((12, 20, 6)).astype(np.float32)
    given = {"image": {"data": image, "shape": [12, 20, 6]}, "corner": corner}
    found = run_module("network/windows.js", "page.cut(given.image, given.corner, [16, 16, 16])", **given)
    padded = F.pad(torch.from_numpy(image)[None, None], [16] * 6, mode="replicate")[0, 0]
    expected = padded[tuple(slice(16 + start, 32 + start) for start in corner)]
    np.testing.assert_array_equal(found.reshape(16, 16, 16), expected.numpy())


def test_weights_of_a_window() -> None:
    found = run_module("network/windows.js", "page.importance([8, 12, 16], 'gaussian')")
    expected = compute_importance_map((8, 12, 16), mode="gaussian").numpy()
    np.testing.assert_allclose(found.reshape(8, 12, 16), expected, rtol=1e-5)


def test_stitching() -> None:
    corners = [(0, 0, 0), (0, 3, 2), (2, 0, 2), (6, 3, 0)]
    rng = np.random.default_rng(0)
    windows, weights = rng.random((4, 4, 5, 6)).astype(np.float32), rng.random((4, 5, 6)).astype(np.float32)
    expected = torch.zeros(10, 8, 8)
    stitcher = SlabStitcher(expected, torch.from_numpy(weights))
    for window, corner in zip(windows, corners):
        stitcher.add(torch.from_numpy(window), corner)
    stitcher.finish()
    call = """(() => {
      const result = { data: new Float32Array(640), shape: [10, 8, 8] };
      const stitcher = new page.SlabStitcher(result, given.weights, [4, 5, 6]);
      given.corners.forEach((corner, i) => stitcher.add(given.windows.subarray(120 * i), corner));
      stitcher.finish();
      return result.data;
    })()"""
    found = run_module("network/stitcher.js", call, windows=windows, weights=weights, corners=corners)
    np.testing.assert_allclose(found.reshape(10, 8, 8), expected.numpy(), rtol=1e-5)


@pytest.mark.parametrize("axes", [RAS, oblique(), oblique(33)])
@pytest.mark.parametrize("side", [0.45, 0.6, 1.1])
def test_resampling(side, axes) -> None:
    scan = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(31, 27, 22)), 1).astype(np.float32)
    affine = (axes @ np.diag([side, side, 0.7, 1.0])).astype(np.float32).astype(np.float64)  # as a header rounds it
    volume = MetaTensor(torch.from_numpy(scan)[None], affine=torch.from_numpy(affine))
    expected = Resampled("image", pixdim=(0.6, 0.6, 0.6), mode="bilinear", dtype=np.float32)({"image": volume})["image"]
    call = """(() => {
      const box = { start: [0, 0, 0], shape: given.shape };
      const grid = page.workingGrid(box, given.layout, [0.6, 0.6, 0.6]);
      const brain = { data: new Uint8Array(given.scan.length).fill(1, 5000), shape: given.shape };
      return page.resampled({ data: given.scan, shape: given.shape }, brain, box, grid).image;
    })()"""
    layout = {"spacing": np.linalg.norm(affine[:3, :3], axis=0).tolist(), "affine": affine[:3].tolist()}
    found = run_module("scan/grids.js", call, scan=scan, shape=list(scan.shape), layout=layout)
    assert found["shape"] == list(expected.shape[1:])
    np.testing.assert_allclose(found["data"].reshape(found["shape"]), expected[0].numpy(), atol=1e-4)


@pytest.mark.parametrize("flat", [False, True])
def test_normalising(settings, flat) -> None:
    scan = np.random.default_rng(0).normal(100, 20, (9, 8, 7)).astype(np.float32)
    scan[:5] = 0 if flat else scan[:5]  # the MAD is 0
    brain = np.zeros(scan.shape, dtype=np.uint8)
    brain[1:, 1:] = 1
    case = {"image": MetaTensor(torch.from_numpy(scan)[None]), "brain_mask": MetaTensor(torch.from_numpy(brain)[None])}
    expected = NormaliseInBraind("image")(case)["image"][0].numpy()
    call = """(() => {
      const image = { data: given.scan, shape: given.shape };
      page.normaliseInBrain(image, { data: given.brain, shape: given.shape }, given.settings.normalisation);
      return image.data;
    })()"""
    given = {"scan": scan, "brain": brain, "shape": list(scan.shape), "settings": settings}
    found = run_module("scan/normalise.js", call, **given)
    np.testing.assert_allclose(found.reshape(scan.shape), expected, atol=1e-5)


def test_contrast(settings) -> None:
    rng = np.random.default_rng(0)
    scan = rng.normal(100, 10, (40, 40, 40)).astype(np.float32)
    scan[20:22, 5:35, 18:20] = 400
    brain = np.ones(scan.shape, dtype=np.uint8)
    call = """page.standingOut({ data: given.scan, shape: given.shape }, { data: given.brain, shape: given.shape },
      [0.8, 0.8, 0.8], given.settings.contrast)"""
    found = run_module("scan/contrast.js", call, scan=scan, brain=brain, shape=list(scan.shape), settings=settings)
    assert found == pytest.approx(standing_out(scan, brain > 0, [0.8, 0.8, 0.8]), rel=1e-3)


def test_ct_is_known_where_a_constant_lies_before_its_air(settings) -> None:
    rng = np.random.default_rng(0)
    scan = rng.normal(40, 5, (60, 40, 40)).astype(np.float32)  # soft tissue
    scan[:30] = rng.normal(-1000, 20, (30, 40, 40))
    scan[:15] = -1024  # beyond the scanner's circle
    brain = np.zeros(scan.shape, np.uint8)
    brain[30:] = 1
    call = "page.contrastWarnings(given.scan, given.brain, [1, 1, 1], true, given.numbers)"
    volumes = {name: {"data": volume, "shape": list(scan.shape)} for name, volume in (("scan", scan), ("brain", brain))}
    found = run_module("scan/contrast.js", call, **volumes, numbers=settings["contrast"])
    assert is_hounsfield(scan, brain > 0)
    assert found == ["does not look like TOF-MRA but like CT: its values are Hounsfield units"]


STANDARDISED = np.random.default_rng(0).normal(0, 10, (30, 30, 30)).astype(np.float32)
INSIDE = np.pad(np.ones((20, 20, 20), np.float32), 5)
MASKS = {
    "0 and 255": 255 * INSIDE,
    "of probabilities": ndimage.gaussian_filter(INSIDE, 1.0),
    "of many values": INSIDE * (5 + STANDARDISED.clip(0)),
    "a scan with the skull off": INSIDE * STANDARDISED,
}


@pytest.mark.parametrize("kind", MASKS)
def test_brain_masks_of_a_user(kind: str, settings) -> None:
    image, mask = (MetaTensor(torch.from_numpy(volume[None])) for volume in (STANDARDISED, MASKS[kind]))
    expected = as_mask(mask, image)[0].numpy() > 0
    call = """(() => {
      const layout = { shape: given.shape, spacing: [1, 1, 1], affine: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]] };
      const [scan, mask] = [given.scan, given.mask].map((data) => ({ data, shape: given.shape }));
      const found = page.checkedMask("mask", mask, layout, layout, scan, given.limits);
      return { mask: found.mask.data, warnings: found.warnings };
    })()"""
    volumes = {"scan": STANDARDISED, "mask": MASKS[kind], "shape": list(STANDARDISED.shape)}
    found = run_module("scan/checks.js", call, **volumes, limits=settings["checks"])
    np.testing.assert_array_equal(found["mask"].reshape(expected.shape) > 0, expected)
    assert found["warnings"] == warnings_of(image)
