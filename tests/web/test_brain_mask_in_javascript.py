"""The estimated brain mask of the page is that of the bundle."""

from __future__ import annotations

import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from scripts.transforms.brain_mask import estimate_brain_mask
from scripts.web.page_settings import page_settings
from tests.phantom import dice
from tests.run_inference import inference_config
from tests.synthetic_head import head_of_thin_bone, head_with_eyes, shaded, synthetic_head
from tests.web.run_module import needs_node, run_module

pytestmark = needs_node


def in_javascript(scan: np.ndarray, spacing: list[float]) -> np.ndarray:
    settings = page_settings(inference_config())
    call = "page.estimateBrainMask({data: given.scan, shape: given.shape}, given.spacing, given.settings.brain_mask)"
    answer = run_module(
        "scan/brain_mask.js", call, scan=scan, shape=list(scan.shape), spacing=spacing, settings=settings
    )
    return answer["data"].reshape(scan.shape) > 0


def unchanged(scan: np.ndarray, brain: np.ndarray) -> np.ndarray:
    return scan


def stripped(scan: np.ndarray, brain: np.ndarray) -> np.ndarray:
    return scan * brain


def standardised(scan: np.ndarray, brain: np.ndarray) -> np.ndarray:
    return (scan - scan.mean()) / scan.std()


def emptied_below(scan: np.ndarray, brain: np.ndarray) -> np.ndarray:
    return scan * (np.arange(scan.shape[2]) > 15)


@pytest.mark.parametrize("change", [unchanged, stripped, standardised, emptied_below])
def test_a_head(change) -> None:
    scan, brain, _ = synthetic_head(spacing=3.0)
    scan = change(scan, brain).astype(np.float32)
    expected = estimate_brain_mask(scan, [3.0, 3.0, 3.0])
    assert 0.05 < expected.mean() < 0.95
    assert dice(in_javascript(scan, [3.0, 3.0, 3.0]), expected) > 0.999


@pytest.mark.parametrize(
    "scan",
    [
        head_of_thin_bone()[0],
        shaded(head_of_thin_bone()[0], up=1.1),
        shaded(head_with_eyes()[0], right=0.9, back=0.45),
        synthetic_head()[0] + 60,
    ],
    ids=["thin bone", "thin bone in shading", "eyes in shading", "bright air"],
)
def test_a_head_that_misleads(scan: np.ndarray) -> None:
    expected = estimate_brain_mask(scan, [2.0, 2.0, 2.0])
    assert dice(in_javascript(scan, [2.0, 2.0, 2.0]), expected) > 0.999


def test_a_head_of_other_voxels() -> None:
    scan = synthetic_head(spacing=1.7)[0][:, ::2]
    spacing = [1.7, 3.4, 1.7]
    expected = estimate_brain_mask(scan, spacing)
    assert dice(in_javascript(scan, spacing), expected) > 0.99


def test_a_box_inside_the_head_is_brain_throughout() -> None:
    scan = synthetic_head()[0][30:70, 30:70, 20:60]
    assert in_javascript(scan, [2.0, 2.0, 2.0]).all()


@pytest.mark.skipif("VESSEL_SLD_DATA" not in os.environ, reason="VESSEL_SLD_DATA names no folder of real scans")
def test_a_real_head() -> None:
    image = nib.as_closest_canonical(nib.load(Path(os.environ["VESSEL_SLD_DATA"]) / "scans/chris_MRA.nii.gz"))
    scan = np.asarray(image.dataobj, dtype=np.float32)[::2, ::2]
    spacing = [float(side) * factor for side, factor in zip(image.header.get_zooms(), (2, 2, 1))]
    assert dice(in_javascript(scan, spacing), estimate_brain_mask(scan, spacing)) > 0.98
