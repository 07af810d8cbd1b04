"""The page warns of the same scans outside the range of the training as the bundle, in the same words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from scipy import ndimage

from scripts.io.scan_warnings import warnings_of
from scripts.transforms.trained_range import CheckTrainedRanged, measures, trained_range
from scripts.web.page_settings import page_settings
from tests.coarse_head import NOISE, SPACING, coarse_brain, coarse_head, tof
from tests.run_inference import ROOT, inference_config
from tests.web.run_module import needs_node, run_module

pytestmark = needs_node
SIDES = [0.9, 1.7, 1.3]  # of the scan as it was read; SPACING is that of the working grid


@pytest.fixture(scope="module")
def settings():
    return page_settings(inference_config())


def in_javascript(call: str, scan: np.ndarray, brain: np.ndarray | None, settings: dict):
    resampled = "null" if brain is None else "{ image: volume(given.scan), brain: volume(given.brain), spacing }"
    given = {"scan": scan, "shape": list(scan.shape), "sides": SIDES, "settings": settings}
    call = f"""(() => {{
      const volume = (data) => ({{ data, shape: given.shape }});
      const spacing = [{SPACING}, {SPACING}, {SPACING}];
      return page.{call}({{ shape: given.shape, spacing: given.sides }}, {resampled}, given.settings);
    }})()"""
    if brain is not None:
        given["brain"] = brain.astype(np.uint8)
    return run_module("scan/trained_range.js", call, **given)


def as_read(scan: np.ndarray) -> MetaTensor:
    """On the working grid, as the bundle would have it."""
    image = MetaTensor(torch.from_numpy(scan[None]), affine=np.diag([SPACING] * 3 + [1.0]))
    image.meta |= {"original_affine": np.diag([*SIDES, 1.0]), "spatial_shape": np.asarray(scan.shape)}
    return image


def ball(radius: float) -> np.ndarray:
    away = np.indices((60, 52, 41)) - np.array([30, 26, 20])[:, None, None, None]
    return (away**2).sum(0) < radius**2


@pytest.mark.parametrize(
    ("radius", "level", "names"),
    [
        (100, 100.0, ["voxel_size", "field_of_view", "noise"]),  # 221 ml
        (12, 100.0, ["voxel_size", "field_of_view"]),  # 13 ml
        (100, -100.0, ["voxel_size", "field_of_view"]),
    ],
)
def test_what_is_measured(settings, radius, level, names) -> None:
    scan = ndimage.gaussian_filter(np.random.default_rng(0).normal(0, 40, (60, 52, 41)), 0.6) + level
    scan = scan.astype(np.float32)
    brain = ball(radius)
    found = in_javascript("measures", scan, brain, settings)
    assert list(found) == names and found == pytest.approx(measures(as_read(scan), brain), rel=1e-4)


@pytest.mark.parametrize(("noise", "contrast", "number"), [(NOISE, 1.0, 2), (5 * NOISE, 1.0, 3), (NOISE, 0.2, 3)])
def test_a_head(settings, noise, contrast, number) -> None:
    scan, brain = tof(coarse_head(), noise, contrast).astype(np.float32), coarse_brain()
    found = in_javascript("measures", scan, brain, settings)
    assert len(found) == 4 and found == pytest.approx(measures(as_read(scan), brain), rel=1e-3)
    masks = {"brain_mask": MetaTensor(torch.from_numpy(brain[None])), "mask_source": "user"}
    ranges = trained_range(str(ROOT / "models/model.pt")) | {"field_of_view": [200.0, 201.0]}
    expected = warnings_of(CheckTrainedRanged(ranges)({"image": as_read(scan), **masks})["image"])
    settings = {**settings, "trained_range": {**settings["trained_range"], "ranges": ranges}}
    assert in_javascript("trainedRangeWarnings", scan, brain, settings) == expected and len(expected) == number
    assert in_javascript("trainedRangeWarnings", scan, None, settings) == expected[:2]


def test_weights_of_an_unknown_training_are_not_compared(settings) -> None:
    settings = {**settings, "trained_range": {**settings["trained_range"], "ranges": {}}}
    scan = np.zeros((9, 9, 9), dtype=np.float32)
    assert in_javascript("trainedRangeWarnings", scan, None, settings) == []
