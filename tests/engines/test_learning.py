"""Each stage learns something, from a fixed seed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from ignite.engine import Events

from scripts.datasets.crop_dataset import CropDataset
from scripts.engines.reliability_trainer import ReliabilityTrainer
from scripts.engines.shape_guided_trainer import ShapeGuidedTrainer
from scripts.losses.reliability import ReliabilityLoss
from scripts.networks.vessel_unet import VesselSegmenter
from tests.engines.vessel_blocks import CHANNELS, pretrainer, shape_guided_trainer, vessel_block, view_dataset

WEIGHTS = {"region_discrimination": 10.0, "entropy": 0.1}


def losses_of(trainer) -> list[dict[str, float]]:
    """Run a trainer and return its terms, iteration by iteration."""
    seen: list[dict[str, float]] = []
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: seen.append(engine.state.output["terms"]))
    trainer.run()
    return seen


def stage_2(iterations: int, masks_dir: Path, learning_rate: float, **settings) -> ShapeGuidedTrainer:
    weights = {**WEIGHTS, "synthetic_vessels": 300.0, "adversarial": 0.3}
    vessels = {"synthetic_vessels": True, "loss_weights": weights, "consistency_slope": 0.1}
    trainer = shape_guided_trainer(iterations, masks_dir, **vessels, **settings)
    trainer.optimizer.param_groups[0]["lr"] = learning_rate
    return trainer


def dice(network, seed: int = 9) -> float:
    scan, label = vessel_block(seed)
    with torch.no_grad():
        vessels = network.eval()(scan[None])[0] > 0.5
    return float(2 * (vessels & label).sum() / (vessels.sum() + label.sum()))


def test_stage_1_tells_patches_apart():
    terms = losses_of(pretrainer(30))
    first, last = (sum(t["patch_discrimination"] for t in part) / 5 for part in (terms[:5], terms[-5:]))
    assert last < first - 0.5


def test_stage_2_finds_vessels_of_an_unseen_block(tmp_path):
    trainer = stage_2(20, tmp_path, learning_rate=1e-2, cluster_activation="softmax")
    for module in trainer.network.modules():
        if isinstance(module, torch.nn.BatchNorm3d):
            module.momentum = 0.4  # twenty iterations are too few for statistics that take up a tenth of each
    assert dice(trainer.ema) < 0.1
    trainer.run()
    assert dice(trainer.ema) > 0.5


def test_synthetic_vessels_are_a_term_only_where_there_are_some(tmp_path):
    with_vessels, without = (
        losses_of(shape_guided_trainer(1, tmp_path, synthetic_vessels=synthetic_vessels))[0]
        for synthetic_vessels in (True, False)
    )
    assert with_vessels.keys() - without.keys() == {"synthetic_vessels"}


def test_stage_3_learns_from_confident_predictions():
    torch.manual_seed(0)

    class Bright(torch.nn.Module):
        """Stands for a good network: sure about blood and tissue, unsure in between."""

        def forward(self, x):
            return ((x - 1.5) * 8).sigmoid()

    network = VesselSegmenter(CHANNELS, vessel_prior=0.02)
    source = view_dataset(40)
    items = CropDataset(source.crops.volumes, 32, source.augment, crops=2, orientations=2, iterations=40)
    trainer = ReliabilityTrainer(
        device="cpu",
        max_epochs=1,
        epoch_length=40,
        train_data_loader=torch.utils.data.DataLoader(items, batch_size=None),
        network=network,
        optimizer=torch.optim.Adam(network.parameters(), 1e-2),
        loss_function=ReliabilityLoss(),
        best=Bright(),
    )
    terms = losses_of(trainer)
    assert terms[-1]["reliability"] < terms[0]["reliability"] - 0.3
    assert 0 < terms[-1]["reliable_fraction"] < 1
    assert dice(network) > 0.5


def test_a_loss_that_is_not_finite_stops_the_training_and_is_named():
    trainer = pretrainer(2)
    with torch.no_grad():
        next(trainer.network.embedding_head.parameters()).fill_(torch.nan)
    with pytest.raises(FloatingPointError, match="patch_discrimination.*iteration 1"):
        trainer.run()
