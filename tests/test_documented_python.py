"""The examples of docs/python.md, one after the other as in a notebook, in a process and folder of their own."""

from __future__ import annotations

import re
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest
from monai.bundle import load

from tests.phantom import LPS, grid, phantom, save
from tests.run_inference import ROOT, summary

SHAPE = (40, 36, 24)
AFFINE = grid(LPS, (0.6, 0.6, 0.6), SHAPE)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """The folder of the notebook, and what it printed."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "vessel_sld_segmentation").symlink_to(ROOT)
    (folder / "scans").mkdir()
    save(folder / "scans" / "patient1.nii.gz", phantom(AFFINE, SHAPE)[0], AFFINE)
    save(folder / "scans" / "patient1_brain_mask.nii.gz", np.ones(SHAPE, np.uint8), AFFINE)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/python.md").read_text(), re.DOTALL)
    blocks.append("import nibabel\nnibabel.save(nibabel.Nifti1Image(mask[0].numpy(), mask.affine), 'mask.nii')\n")
    done = subprocess.run([sys.executable, "-c", "\n".join(blocks)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_the_ten_lines_segment_a_folder(notebook):
    folder, printed = notebook
    assert summary(folder / "vessels")["patient1"]["brain_mask"] == "user"
    assert "patient1,done" in printed


def test_step_by_step_gives_a_mask_on_the_scans_own_grid(notebook):
    folder, printed = notebook
    mask = nib.load(folder / "mask.nii")
    assert mask.shape == SHAPE
    np.testing.assert_allclose(mask.affine, AFFINE, atol=1e-4)
    assert re.search(r"\d\.\d\d m in \d+ segments", printed)


def test_load_without_a_model_gives_the_weights():
    with pytest.warns(UserWarning, match="return state dict"):
        weights = load(ROOT.name, bundle_dir=ROOT.parent, device="cpu")
    assert "encoder.0.conv1.weight" in weights
