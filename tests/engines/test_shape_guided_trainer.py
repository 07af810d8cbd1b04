"""One iteration of stage 2 with a network of single voxels: what goes into which term, and what moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from monai.engines.utils import IterationEvents
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from scripts.engines.shape_guided_trainer import ShapeGuidedTrainer
from scripts.engines.view_batch import patch_pairs
from scripts.handlers.ema import PaperSchedule, ema_model
from scripts.losses.entropy import EntropyLoss
from scripts.losses.patch_discrimination import PatchDiscriminationLoss
from scripts.losses.region_discrimination import RegionDiscriminationLoss
from scripts.losses.temporal_consistency import TemporalConsistencyLoss
from scripts.losses.weighted_cross_entropy import WeightedCrossEntropyLoss
from scripts.networks.orientation import ORIENTATIONS, apply
from tests.engines.vessel_blocks import view_dataset

WEIGHTS = {"region_discrimination": 10.0, "entropy": 0.1, "synthetic_vessels": 3.0}
CROPS = 4  # two crops, two views; then two mixup images
TERMS = [
    "patch_discrimination",
    "hypersphere_mixup",
    "region_discrimination",
    "adversarial",
    "consistency",
    "entropy",
    "synthetic_vessels",
]


class VoxelNetwork(nn.Module):
    """Embedding and clusters of every voxel by itself: a training network in no time."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.clusters = nn.Conv3d(1, 4, 1), nn.Conv3d(1, 3, 1)
        nn.init.normal_(self.clusters.weight, std=5.0)  # so that images with and without blood differ in every term

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return F.normalize(self.embedding(x), dim=1), F.softmax(self.clusters(x), dim=1)


class VoxelSegmenter(VoxelNetwork):
    """Its vessel cluster alone."""

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        return F.softmax(self.clusters(x), dim=1)[:, :1]


def voxel_trainer(masks_dir: Path, **settings: Any) -> ShapeGuidedTrainer:
    torch.manual_seed(0)
    network, ema = VoxelNetwork(), ema_model(VoxelSegmenter(), PaperSchedule(5))
    discriminator = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 1))
    return ShapeGuidedTrainer(
        device="cpu",
        max_epochs=1,
        epoch_length=1,
        train_data_loader=DataLoader(view_dataset(1, masks_dir, synthetic_vessels=True), batch_size=None),
        network=network,
        optimizer=torch.optim.SGD(network.parameters(), 0.1),
        loss_function=PatchDiscriminationLoss(),
        discriminator=discriminator,
        discriminator_optimizer=torch.optim.SGD(discriminator.parameters(), 0.1),
        ema=ema,
        **{"loss_weights": WEIGHTS, "consistency_slope": 2.0, **settings},
    )


def gradients(network: nn.Module) -> Tensor:
    return torch.cat([p.grad.flatten().clone() for p in network.parameters()])


def iteration(trainer: ShapeGuidedTrainer) -> dict[str, Any]:
    """Run one and return its batch, its output before the step, the gradient, and what the networks were before."""
    seen: dict[str, Any] = {"network": VoxelNetwork(), "discriminator": [p.clone() for p in _discriminator(trainer)]}
    seen["network"].load_state_dict(trainer.network.state_dict())

    def keep(engine: ShapeGuidedTrainer) -> None:
        seen["batch"] = {key: value.clone() for key, value in engine.state.batch.items()}
        seen["gradient"] = gradients(engine.network)
        seen["loss"] = engine.state.output["loss"].item()
        seen["vessels"] = engine.state.output["vessels"].detach().clone()

    trainer.add_event_handler(IterationEvents.BACKWARD_COMPLETED, keep)
    trainer.run()
    return seen


def _discriminator(trainer: ShapeGuidedTrainer) -> list[nn.Parameter]:
    return list(trainer.discriminator.parameters())


def projections(vessels: Tensor) -> Tensor:
    return torch.cat([vessels.amax(dim=axis) for axis in (2, 3, 4)])  # (3 B, 1, S, S)


def expected_terms(trainer: ShapeGuidedTrainer, seen: dict[str, Any]) -> dict[str, Tensor]:
    """Every term as the method says, of the network before its step and the discriminator before its own."""
    batch = seen["batch"]
    turned = torch.stack([apply(x, ORIENTATIONS[o]) for x, o in zip(batch["second"], batch["orientation"])])
    weight = batch["mixup_weight"][0]
    mixed = [w * batch[key][:1] + (1 - w) * batch[key][1:] for w, key in zip(weight, ("first", "second"))]
    image = torch.cat([batch["first"], turned, *mixed])
    embedding, clusters = seen["network"](image)
    pairs = patch_pairs(embedding, batch)
    with torch.no_grad():
        teacher = trainer.ema(image[:CROPS])
    for parameter, before in zip(_discriminator(trainer), seen["discriminator"]):
        parameter.data.copy_(before)
    label, label_weight = (
        torch.cat([batch[key], *(apply(x, ORIENTATIONS[o])[None] for x, o in zip(batch[key], batch["orientation"]))])
        for key in ("label", "label_weight")
    )
    logits = trainer.discriminator(projections(clusters[:CROPS, :1]))
    return {
        "patch_discrimination": PatchDiscriminationLoss(0.1)(pairs.first, pairs.second),
        "hypersphere_mixup": PatchDiscriminationLoss(0.1)(pairs.mixup, pairs.target),
        "region_discrimination": RegionDiscriminationLoss(0.2)(embedding[:CROPS], clusters[:CROPS]),
        "adversarial": F.softplus(-logits).mean(),
        "consistency": TemporalConsistencyLoss()(clusters[:CROPS, :1], teacher),
        "entropy": EntropyLoss()(clusters[:CROPS]),
        "synthetic_vessels": WeightedCrossEntropyLoss()(clusters[:CROPS, :1], label, label_weight),
    }


def test_terms_loss_and_gradient_are_those_of_the_method(tmp_path: Path) -> None:
    trainer = voxel_trainer(tmp_path)
    seen = iteration(trainer)
    expected = expected_terms(trainer, seen)
    terms = trainer.state.output["terms"]
    assert {name: terms[name] for name in expected} == pytest.approx(
        {k: v.item() for k, v in expected.items()}, rel=1e-4
    )
    weights = {**WEIGHTS, "consistency": 2.0}  # lambda = 2 x 1 / 1
    loss = sum(weights.get(name, 1.0) * term for name, term in expected.items())
    assert seen["loss"] == pytest.approx(loss.item(), rel=1e-4)
    loss.backward()
    torch.testing.assert_close(seen["gradient"], gradients(seen["network"]), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("term", TERMS)
def test_no_term_is_dead(term: str, tmp_path: Path) -> None:
    whole = iteration(voxel_trainer(tmp_path))["gradient"]
    without = {"consistency_slope": 0.0} if term == "consistency" else {"loss_weights": {**WEIGHTS, term: 0.0}}
    part = iteration(voxel_trainer(tmp_path, **without))["gradient"]
    assert (whole - part).norm() > 1e-4 * whole.norm()


def test_the_discriminator_takes_a_step_of_its_own(tmp_path: Path) -> None:
    trainer = voxel_trainer(tmp_path)
    seen = iteration(trainer)
    moved = [p.detach().clone() for p in _discriminator(trainer)]
    assert torch.equal(gradients(trainer.network), seen["gradient"])  # the projections that it saw were detached
    for parameter, before in zip(_discriminator(trainer), seen["discriminator"]):
        parameter.data.copy_(before)
        parameter.grad = None
    references = trainer.discriminator(seen["batch"]["reference"])
    of_network = trainer.discriminator(projections(seen["vessels"]))
    loss = F.softplus(-references).mean() + F.softplus(of_network).mean()
    loss.backward()
    for parameter, before, after in zip(_discriminator(trainer), seen["discriminator"], moved):
        torch.testing.assert_close(after, before - 0.1 * parameter.grad, rtol=1e-4, atol=1e-6)
    terms = trainer.state.output["terms"]
    assert terms["discriminator"] == pytest.approx(loss.item(), rel=1e-5)
    assert terms["accuracy_references"] == pytest.approx((references > 0).float().mean().item())
    assert terms["accuracy_projections"] == pytest.approx((of_network <= 0).float().mean().item())
    assert terms["vessel_fraction"] == pytest.approx(seen["vessels"].mean().item(), rel=1e-5)


@pytest.mark.parametrize("amp", [False, True])
@pytest.mark.parametrize("bias", [-1e4, 1e4])
def test_an_empty_or_full_cluster_and_identical_patches_leave_everything_finite(
    bias: float, amp: bool, tmp_path: Path
) -> None:
    trainer = voxel_trainer(tmp_path, amp=amp)
    with torch.no_grad():
        trainer.network.clusters.bias[0] = bias
        trainer.network.embedding.weight.zero_()
    seen = iteration(trainer)
    assert seen["vessels"].unique().tolist() == [0.0 if bias < 0 else 1.0]
    assert torch.tensor(list(trainer.state.output["terms"].values())).isfinite().all()
    assert seen["gradient"].isfinite().all()
    assert all(p.isfinite().all() for p in _discriminator(trainer))
