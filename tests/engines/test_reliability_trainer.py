"""Pseudo labels of Reliability-Refinement, of networks that see where a voxel is."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from scripts.engines.reliability_trainer import ReliabilityTrainer
from scripts.losses.reliability import ReliabilityLoss
from scripts.networks.orientation import ORIENTATIONS, apply, invert

SIDE = 4


class Ramp(nn.Module):
    """A best network whose answer changes along the last axis: turned, it says something else of the same voxel."""

    def forward(self, x: Tensor) -> Tensor:
        assert not self.training and not torch.is_grad_enabled()
        return x * torch.linspace(0.2, 1, SIDE)


def trainer(norm: bool = False, **settings: float) -> ReliabilityTrainer:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv3d(1, 1, 1), *([nn.BatchNorm3d(1)] if norm else []), nn.Sigmoid())
    return ReliabilityTrainer(
        device="cpu",
        max_epochs=1,
        epoch_length=1,
        train_data_loader=DataLoader([batch()], batch_size=None),
        network=network,
        optimizer=torch.optim.SGD(network.parameters(), 0.1),
        loss_function=ReliabilityLoss(),
        best=Ramp(),
        **settings,
    )


def batch() -> dict[str, Tensor]:
    image, view = torch.rand(2, 3, 1, SIDE, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    orientation = torch.tensor([[0, 5, 17, 40], [1, 2, 3, 4], [47, 46, 13, 0]])  # (B, N_e)
    return {"image": image, "view": view, "orientation": orientation}


def slow_average(items: dict[str, Tensor]) -> Tensor:
    """y' = mean over the orientations of A^-1(f'(A(x)))."""
    ramp = torch.linspace(0.2, 1, SIDE)
    averaged = []
    for image, drawn in zip(items["image"], items["orientation"].tolist()):
        answers = [invert(apply(image, ORIENTATIONS[v]) * ramp, ORIENTATIONS[v]) for v in drawn]
        averaged.append(sum(answers) / len(answers))
    return torch.stack(averaged)


def test_averaged_prediction_matches_the_slow_reference() -> None:
    items = batch()
    averaged = trainer().averaged_prediction(items["image"], items["orientation"])
    torch.testing.assert_close(averaged, slow_average(items))


@pytest.mark.parametrize("confidence_threshold", [None, 0.7])
def test_an_iteration_learns_the_confident_labels_of_the_crop_on_its_view(confidence_threshold: float | None) -> None:
    refined = trainer(**({} if confidence_threshold is None else {"confidence_threshold": confidence_threshold}))
    items, limit = batch(), confidence_threshold or 0.9
    averaged = slow_average(items)
    label, reliable = (averaged > 0.5).float(), ((averaged <= 1 - limit) | (averaged >= limit)).float()
    prediction = refined.network(items["view"]).detach()
    refined.run()
    terms = refined.state.output["terms"]
    overlap = 2 * (label * prediction * reliable).sum() + 1
    expected = -overlap / ((label * reliable).sum() + (prediction * reliable).sum() + 1)
    assert 0 < reliable.mean() < 1
    assert terms["reliability"] == pytest.approx(expected.item(), rel=1e-5)
    assert terms["reliable_fraction"] == pytest.approx(reliable.mean().item())
    assert terms["pseudo_label_fraction"] == pytest.approx(label.mean().item())
    assert terms["vessel_fraction"] == pytest.approx(prediction.mean().item(), rel=1e-5)


@pytest.mark.parametrize("frozen", [False, True])
def test_frozen_statistics_stay_and_the_network_trains_with_them(frozen: bool) -> None:
    refined = trainer(norm=True, frozen_statistics=frozen)
    before = {key: value.clone() for key, value in refined.network.state_dict().items()}
    evaluated = refined.network.eval()(batch()["view"]).mean().item()
    refined.run()
    changed = {key for key, value in refined.network.state_dict().items() if not torch.equal(value, before[key])}
    statistics = {"1.running_mean", "1.running_var", "1.num_batches_tracked"}
    assert changed & statistics == (set() if frozen else statistics)
    assert {"0.weight", "1.weight", "1.bias"} <= changed
    assert (refined.state.output["terms"]["vessel_fraction"] == pytest.approx(evaluated, rel=1e-4)) == frozen
