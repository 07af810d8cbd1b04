"""Settings of inference.yaml that save time or memory, or sharpen blurred vessels, leave the mask of sharp ones."""

from __future__ import annotations

import importlib.util

import nibabel as nib
import numpy as np
import pytest

from tests.phantom import LPS, grid, phantom, save
from tests.run_inference import run_inference

SETTINGS = {
    "as it is": {},
    "float16": {"probability_dtype": "float16"},
    "half_maximum": {"half_maximum": True, "probability_dtype": "float16"},
    "openvino": {"runtime": "openvino"},
    "torch": {"runtime": "torch"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_mask_is_that_of_the_vessels(name, tmp_path):
    if name == "openvino" and importlib.util.find_spec("openvino") is None:
        pytest.skip("OpenVINO is not installed")
    affine = grid(LPS, (0.5, 0.5, 0.8), (56, 52, 24))
    scan, vessel = phantom(affine, (56, 52, 24))
    (tmp_path / "scans").mkdir()
    save(tmp_path / "scans" / "a.nii.gz", scan, affine)
    common = {"brain_mask": "none", "graph": False, "report": False}
    run_inference(tmp_path / "scans", tmp_path / "out", tmp_path / "model.pt", **common, **SETTINGS[name])
    mask = nib.load(tmp_path / "out" / "a_vessels.nii.gz")
    np.testing.assert_allclose(mask.affine, affine, atol=1e-5)
    found = mask.get_fdata() > 0
    assert 2 * (found & vessel).sum() / (found.sum() + vessel.sum()) > 0.9
