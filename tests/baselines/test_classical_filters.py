from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.baselines.classical_filters import Frangi, GlobalThreshold, Jerman, RidgeFilter, Sato

FILTERS = [Frangi, Sato, Jerman]
SPACING = 0.5


def scan(radius: float = 1.0, height: float = 1.0, noise: float = 0.02) -> torch.Tensor:
    """Draw tissue of 1 with a bright tube of `radius` mm along the last axis, in a brain ball, (1, 1, 40, 40, 40)."""
    x, y, z = np.meshgrid(*[(np.arange(40) - 19.5) * SPACING] * 3, indexing="ij")  # mm
    values = 1 + height * (np.hypot(x, y) < radius) + noise * np.random.default_rng(0).normal(size=x.shape)
    values[np.sqrt(x**2 + y**2 + z**2) > 9] = 0
    return torch.from_numpy(values.astype(np.float32))[None, None]


@pytest.fixture(params=FILTERS, ids=lambda kind: kind.__name__)
def ridge_filter(request: pytest.FixtureRequest) -> RidgeFilter:
    return request.param(sigmas=[0.5, 1.0], spacing=SPACING)


def test_tube_stands_out(ridge_filter: RidgeFilter) -> None:
    response = ridge_filter(scan())
    assert response.shape == (1, 1, 40, 40, 40) and response.dtype == torch.float32
    assert response.min() >= 0
    centre = response[0, 0, 19:21, 19:21, 10:30]
    aside = response[0, 0, 5:12, 5:12, 18:22]
    assert centre.min() > 5 * aside.max()


def test_rim_of_the_brain_is_no_vessel(ridge_filter: RidgeFilter) -> None:
    response = ridge_filter(scan(noise=0))[0, 0]  # (40, 40, 40)
    assert response[19, :10, 19].max() < 0.05 * response[19, 19, 19]  # the rim is at index 1.5


def test_dark_tube_is_no_vessel(ridge_filter: RidgeFilter) -> None:
    dark = ridge_filter(scan(height=-0.5))[0, 0, 19:21, 19:21, 10:30]
    bright = ridge_filter(scan(height=0.5))[0, 0, 19:21, 19:21, 10:30]
    assert dark.max() < 0.05 * bright.min()


def test_scans_of_a_batch_are_filtered_one_by_one(ridge_filter: RidgeFilter) -> None:
    one, other = scan(), scan(radius=2.0, height=3.0)
    both = ridge_filter(torch.cat([one, other]))
    assert torch.equal(both[:1], ridge_filter(one))
    assert torch.equal(both[1:], ridge_filter(other))


def test_history_of_the_scan_is_kept(ridge_filter: RidgeFilter) -> None:
    affine = torch.diag(torch.tensor([2.0, 3.0, 4.0, 1.0], dtype=torch.float64))
    response = ridge_filter(MetaTensor(scan()[..., :8], affine=affine))
    assert isinstance(response, MetaTensor) and torch.equal(response.affine, affine)


@pytest.mark.parametrize("kind", FILTERS)
def test_scales_are_in_millimetres(kind: type[RidgeFilter]) -> None:
    coarse = kind(sigmas=[1.0], spacing=1.0)(scan())
    fine = kind(sigmas=[0.5], spacing=0.5)(scan())
    assert torch.equal(coarse, fine)  # both one voxel


def test_jerman_answers_alike_to_weak_and_strong_vessels() -> None:
    values = scan(noise=0)
    values[..., 20:] = (values[..., 20:] - 1) * 0.6 + 1  # one half of the tube is weaker
    values[scan(noise=0) == 0] = 0
    jerman = Jerman(sigmas=[0.7], spacing=SPACING)(values)[0, 0, 19, 19]  # (40,)
    sato = Sato(sigmas=[0.7], spacing=SPACING)(values)[0, 0, 19, 19]
    assert jerman[30] == pytest.approx(float(jerman[10]), rel=0.05)
    assert sato[30] == pytest.approx(0.6 * float(sato[10]), rel=0.05)


def test_jerman_of_given_eigenvalues() -> None:
    # Along the axis of an ideal tube lambda_2 = lambda_3, more than half of lambda_rho: the response is 1.
    assert Jerman(sigmas=[0.7], spacing=SPACING)(scan(noise=0))[0, 0, 19:21, 19:21, 15:25].min() == 1


def test_jerman_of_a_plane_is_low() -> None:
    plane = np.ones((1, 1, 30, 30, 30), dtype=np.float32)
    plane[0, 0, 14:16] = 2
    assert Jerman(sigmas=[1.0], spacing=1.0)(torch.from_numpy(plane)).max() < 0.1


def test_brightness_is_the_scan() -> None:
    assert torch.equal(GlobalThreshold()(scan()), scan())


@pytest.mark.parametrize("sigmas", [[], [0.0, 1.0], [-1.0]])
def test_scales_must_be_positive(sigmas: list[float]) -> None:
    with pytest.raises(ValueError, match="sigmas"):
        Frangi(sigmas=sigmas, spacing=1.0)
