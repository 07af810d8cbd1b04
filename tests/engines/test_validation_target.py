"""The label-free criterion: two looks at a scan, which must agree and be plausible."""

from __future__ import annotations

import pytest
import torch
from monai.inferers import SimpleInferer
from monai.metrics import DiceMetric
from torch import Tensor, nn

from scripts.engines.validation_target import ROTATION, ValidationTarget
from scripts.networks.orientation import apply, invert

SHAPE = (1, 1, 24, 20, 22)


class Bright(nn.Module):
    """The same answer however the scan is turned."""

    def forward(self, x: Tensor) -> Tensor:
        assert not self.training and not torch.is_grad_enabled()
        return ((x - 1.5) * 10).sigmoid()


class Ramp(Bright):
    """An answer that depends on the last axis."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * torch.linspace(0, 1, x.shape[-1])


def scan(fraction: float) -> Tensor:
    """Half of the volume is brain, this fraction of the brain bright."""
    generator = torch.Generator().manual_seed(0)
    image = torch.where(torch.rand(SHAPE, generator=generator) < fraction, 2.0, 1.0)
    image[:, :, :12] = 0
    return image


def target(image: Tensor, network: nn.Module) -> Tensor:
    return ValidationTarget(network.train(), SimpleInferer())({"image": image}, "cpu")[1]


def dice(image: Tensor, network: nn.Module) -> Tensor:
    vessels = (network.eval()(image) > 0.5) & (image != 0)
    return DiceMetric()(vessels.float(), target(image, network))


@torch.no_grad()
def test_a_label_is_taken_as_it_is() -> None:
    label = torch.ones(SHAPE)
    image, chosen = ValidationTarget(Bright(), SimpleInferer())({"image": scan(0.01), "label": label}, "cpu")
    assert torch.equal(chosen, label) and torch.equal(image, scan(0.01))


@torch.no_grad()
def test_looks_that_agree_score_one() -> None:
    image = scan(0.01)
    assert torch.equal(target(image, Bright()), ((image > 1.5) & (image != 0)).float())
    assert dice(image, Bright()) == 1


@torch.no_grad()
def test_the_target_is_the_prediction_of_the_rotated_scan_rotated_back() -> None:
    image = scan(0.04)
    expected = invert(Ramp().eval()(apply(image, ROTATION)), ROTATION) > 0.5
    assert torch.equal(target(image, Ramp()), expected.float())
    assert not torch.equal(expected, Ramp().eval()(image) > 0.5)
    assert 0 < dice(image, Ramp()) < 0.9


@torch.no_grad()
@pytest.mark.parametrize(
    ("fraction", "plausible"), [(0.0, False), (0.002, True), (0.04, True), (0.07, False), (1.0, False)]
)
def test_what_no_brain_can_hold_scores_zero(fraction: float, plausible: bool) -> None:
    assert dice(scan(fraction), Bright()) == (1 if plausible else pytest.approx(0, abs=1e-3))


@torch.no_grad()
def test_a_scan_that_scores_zero_counts_in_the_mean() -> None:
    metric = DiceMetric()
    for fraction in (0.01, 0.0, 0.5):
        image = scan(fraction)
        metric(((image > 1.5) & (image != 0)).float(), target(image, Bright()))
    assert metric.aggregate().item() == pytest.approx(1 / 3, abs=1e-3)
