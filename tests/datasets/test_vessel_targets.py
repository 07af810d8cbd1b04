import numpy as np
import pytest
import torch
from torch import Tensor

from scripts.datasets.vessel_targets import vessel_targets

SIDE = 24
BRIGHT = 1.6


def crop() -> Tensor:
    """Tissue at 1, an artery of brightness 1.5 along the first axis, nothing beyond the 20th voxel of the last axis."""
    scan = torch.ones(1, SIDE, SIDE, SIDE)
    scan[:, :, 11:13, 11:13] = 1.5
    scan[..., 20:] = 0
    return scan


def nothing() -> Tensor:
    return torch.zeros(1, SIDE, SIDE, SIDE, dtype=torch.bool)


def test_without_added_vessels_all_is_background_and_what_is_bright_weighs_little() -> None:
    label, weight = vessel_targets(crop(), nothing(), BRIGHT)
    assert not label.any()
    assert set(np.unique(weight.numpy()).tolist()) == {np.float32(0.15), 1.0}
    assert (weight[:, :, 11:13, 11:13] == np.float32(0.15)).all()  # the artery
    assert (weight[:, :, :5] == 1).all() and (weight[..., 20:] == 1).all()  # tissue, no brain
    assert (weight[:, :, 10, 11] == np.float32(0.15)).all()  # where the artery ends is in doubt too


def test_added_vessels_are_vessel_and_weigh_in_full_wherever_they_are() -> None:
    mask = nothing()
    mask[:, 3, :, 12] = True  # crosses the artery
    label, weight = vessel_targets(crop(), mask, BRIGHT)
    assert torch.equal(label.bool(), mask)
    assert (weight[mask] == 1).all()


@pytest.mark.parametrize("margin", [1, 5, 9])
def test_near_the_edge_of_the_brain_nothing_is_in_doubt(margin: int) -> None:
    _, weight = vessel_targets(crop(), nothing(), BRIGHT, margin)
    in_doubt = (weight[0, 0] < 1).any(dim=0)  # along the last axis
    assert in_doubt[10].item() == (margin < 10) and in_doubt[13].item() == (margin < 7)
    assert not in_doubt[20 - margin :].any()


def test_noise_is_not_in_doubt() -> None:
    rng = np.random.default_rng(0)
    noisy = torch.from_numpy(rng.normal(1, 0.2, (1, SIDE, SIDE, SIDE)).astype(np.float32))
    _, weight = vessel_targets(noisy, nothing(), BRIGHT)
    assert (weight < 1).float().mean() < 0.05


def line(*values: float) -> Tensor:
    return torch.tensor(values).reshape(1, 1, 1, -1)


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        ([1.0, 1.5, 1.7, 1.5, 1.0], [0, 0, 1, 0, 0]),  # what is bright is vessel
        ([1.0, 1.9, 3.0, 2.1, 1.0], [0, 0, 1, 1, 0]),  # 2 is half of the height of 3 above tissue
        ([1.0, 3.0, 3.0, 3.0, 0.0], [0, 1, 1, 0, 0]),  # at the edge of the brain nothing is
    ],
)
def test_bright_voxels_of_the_scan_are_vessel(scan: list[float], expected: list[int]) -> None:
    label, weight = vessel_targets(line(*scan), line(*[0.0] * 5).bool(), BRIGHT, margin=1)
    assert label.flatten().int().tolist() == expected
    assert (weight[label.bool()] == 1).all()
