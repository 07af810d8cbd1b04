import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.io.scan_warnings import add_warning
from scripts.results.run_summary import summary_row


def masks(vessel_voxels, brain_voxels):
    """Two masks on a 2 x 2 x 2.5 mm grid: 100 voxels are 1 ml."""
    pair = []
    for count in (vessel_voxels, brain_voxels):
        mask = torch.zeros(1, 40, 40, 40, dtype=torch.uint8)
        mask.view(-1)[:count] = 1
        pair.append(MetaTensor(mask, affine=np.diag([2, 2, 2.5, 1.0])))
    return pair


def test_volumes():
    row = summary_row("a", *masks(150, 60000), "user", 12.34)
    assert row == {
        "name": "a",
        "status": "done",
        "vessel_volume_ml": "1.500",
        "brain_volume_ml": "600.0",
        "brain_mask": "user",
        "seconds": "12.3",
        "warnings": "",
    }


@pytest.mark.parametrize(
    ("vessel", "brain", "source", "words"),
    [
        (0, 60000, "user", "vessels fill 0.00% of the brain (0.1% to 1.5% expected)"),
        (1000, 60000, "estimated", "vessels fill 1.67% of the brain"),
        (50, 6000, "estimated", "brain mask of 60 ml, look at it"),
        (600, 60000, "none", "no brain mask"),
    ],
)
def test_warnings(vessel, brain, source, words):
    warnings = summary_row("a", *masks(vessel, brain), source, 1.0)["warnings"]
    assert words in warnings
    assert ";" not in warnings


def test_warnings_of_the_reader_come_first():
    vessels, brain = masks(0, 60000)
    add_warning(vessels, "its header gives no orientation: left and right are a guess")
    warnings = summary_row("a", vessels, brain, "user", 1.0)["warnings"]
    assert warnings.startswith("its header gives no orientation: left and right are a guess; vessels fill 0.00%")
