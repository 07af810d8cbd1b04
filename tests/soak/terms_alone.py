"""Stage 2 on the paper's terms alone: L_con keeps the vessels that a start by bright voxels found.

Small simulated heads of clean contrast at 0.8 mm. A tiny network learns the scans' bright voxels for 200 iterations. In
stage 2 the weight of these falls to exactly 0 within 60 iterations; 180 more have the terms of Eq. 16 alone, with the
paper's weights, lambda at its 10, and the paper's share of the rate for the discriminator.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ignite.engine import Engine, Events
from monai.data import MetaTensor
from monai.transforms import Compose, CropForegroundd, DivisiblePadd, RandGaussianNoise, RandScaleIntensity
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader

from scripts.datasets.crop_and_overlap import CropAndOverlap
from scripts.datasets.iteration_dataset import IterationDataset
from scripts.datasets.reference_masks import ReferenceMasks
from scripts.datasets.synthetic_vessel_dataset import SyntheticVesselDataset
from scripts.datasets.synthetic_vessels import SyntheticVessels
from scripts.datasets.view_dataset import ViewDataset
from scripts.engines.label_trainer import LabelTrainer
from scripts.engines.shape_guided_trainer import ShapeGuidedTrainer
from scripts.handlers.ema import MovingAverage, PaperSchedule, ema_model
from scripts.handlers.linear_lr_decay import LinearLrDecay
from scripts.losses.patch_discrimination import PatchDiscriminationLoss
from scripts.losses.weighted_cross_entropy import WeightedCrossEntropyLoss
from scripts.networks.shape_discriminator import ShapeDiscriminator
from scripts.networks.vessel_unet import VesselSegmenter, VesselUNet
from scripts.simulation.arterial_tree import grow_arterial_tree
from scripts.simulation.tof_mra import TofMraSimulator
from scripts.simulation.tree_masks import draw_tree_mask
from scripts.transforms.normalisation import NormaliseInBraind
from tests.engines.vessel_blocks import CHANNELS

SIDE = 32
BRIGHT_ITERATIONS = 200
START, ITERATIONS = 60, 240  # the hint's last iteration, the run's
RATE = 0.0025
LAMBDA = 10.0
EQ_16 = {  # the weights of the paper's terms, lambda apart
    "patch_discrimination": 1.0,
    "hypersphere_mixup": 1.0,
    "region_discrimination": 10.0,
    "adversarial": 1.0,
    "entropy": 0.1,
}
AUGMENT = Compose([RandGaussianNoise(prob=0.5, std=0.1), RandScaleIntensity(prob=0.8, factors=0.2)])
UNSEEN = 100


def head(seed: int) -> dict[str, Tensor]:
    """Normalised `image` and `label` (1, D, H, W) of a grown tree's head, 6 cm; vessels fill 0.9 % of the brain."""
    simulator = TofMraSimulator(
        spacing=0.8, contrast=(2.5, 3.0), thin_share=1.0, noise=(0.03, 0.05), bias=(0.0, 0.0), confounders=False
    )
    case = simulator(grow_arterial_tree((7, seed), terminals=30, scale=0.45), (7, seed))
    volumes = {"image": case.scan, "label": case.label & case.brain_mask, "brain_mask": case.brain_mask}
    keys = list(volumes)
    prepare = Compose(
        [CropForegroundd(keys, "brain_mask"), NormaliseInBraind("image"), DivisiblePadd(["image", "label"], 16)]
    )
    prepared = prepare({key: MetaTensor(volume[None].astype(np.float32)) for key, volume in volumes.items()})
    return {key: prepared[key].as_tensor() for key in ("image", "label")}


def scores(segmenter: nn.Module) -> tuple[float, float]:
    """DSC and recall on a head that no training saw."""
    unseen = head(UNSEEN)
    with torch.no_grad():
        vessels = (segmenter.eval()(unseen["image"][None])[0] > 0.5) & (unseen["image"] != 0)
    label = unseen["label"] > 0
    found = (vessels & label).sum()
    return float(2 * found / (vessels.sum() + label.sum())), float(found / label.sum())


class Trainings:
    """A seed's start by bright voxels, and stage 2 from there with any lambda.

    Args:
        masks_dir: an empty folder for 2D masks.
        seed: of the masks, the networks and all draws; the heads are always the same.
    """

    def __init__(self, masks_dir: Path, seed: int) -> None:
        for index in range(20):
            Image.fromarray(draw_tree_mask((seed, index)).astype(np.uint8) * 255).save(masks_dir / f"{index}.png")
        self.heads = [head(index) for index in range(4)]
        self.bright = SyntheticVessels(str(masks_dir), SIDE, trees=(0, 0))  # no tree: what is bright in the scan
        # pieces, density and thickness that the projections have
        draw = CropAndOverlap(SIDE, patches=(1, 1), scale=(0.4, 0.6), threshold=0.35)
        self.references = ReferenceMasks(str(masks_dir), draw, count=12)
        self.seed = seed
        self.start = self._bright_voxels()

    def _bright_voxels(self) -> dict[str, Tensor]:
        torch.manual_seed(self.seed)
        segmenter = VesselSegmenter(CHANNELS, vessel_prior=0.02, cluster_activation="softmax")
        optimizer = torch.optim.Adam(segmenter.parameters(), 0.005)
        draws = {"crops": 4, "iterations": BRIGHT_ITERATIONS, "seed": self.seed}
        items = SyntheticVesselDataset(self.heads, SIDE, AUGMENT, self.bright, **draws)
        LabelTrainer(
            **self._common(segmenter, optimizer, items),
            loss_function=WeightedCrossEntropyLoss(),
            train_handlers=[LinearLrDecay(optimizer)],
        ).run()
        return segmenter.state_dict()

    def stage_2(self, consistency: float) -> tuple[float, float]:
        """DSC and recall of the moving average after stage 2 with this lambda, reached when the hint is gone."""
        torch.manual_seed(self.seed)
        network = VesselUNet(CHANNELS, cluster_activation="softmax")
        network.load_state_dict(self.start)
        memory = PaperSchedule(period=2)  # half of the run
        ema = ema_model(VesselSegmenter(CHANNELS, cluster_activation="softmax"), memory)
        discriminator = ShapeDiscriminator()
        draws = {"crop_pairs": 1, "iterations": ITERATIONS, "seed": self.seed}
        items = ViewDataset(
            self.heads, SIDE, AUGMENT, references=self.references, synthetic_vessels=self.bright, **draws
        )
        trainer = ShapeGuidedTrainer(
            **self._common(network, torch.optim.Adam(network.parameters(), RATE), items),
            loss_function=PatchDiscriminationLoss(),
            train_handlers=[MovingAverage(network, ema)],
            discriminator=discriminator,
            discriminator_optimizer=torch.optim.Adam(discriminator.parameters(), 0.05 * RATE),
            ema=ema,
            loss_weights={**EQ_16, "synthetic_vessels": 3000.0},
            consistency_slope=consistency * ITERATIONS / START,
            consistency_max=consistency,
            start_iterations=START,
        )
        trainer.add_event_handler(Events.ITERATION_COMPLETED, check_terms, consistency)
        trainer.run()
        return scores(ema)

    def _common(self, network: nn.Module, optimizer: torch.optim.Optimizer, items: IterationDataset) -> dict[str, Any]:
        return {
            "device": "cpu",
            "max_epochs": 1,
            "epoch_length": len(items),
            "train_data_loader": DataLoader(items, batch_size=None),
            "network": network.to(memory_format=torch.channels_last_3d),
            "optimizer": optimizer,
            "seed": self.seed,
        }


def check_terms(trainer: Engine, consistency: float) -> None:
    """From START on the loss is that of Eq. 16 with this lambda, and nothing else."""
    iteration, terms = trainer.state.iteration, trainer.state.output["terms"]
    if iteration >= START:
        assert trainer.weights(iteration)["synthetic_vessels"] == 0
        alone = sum(weight * terms[name] for name, weight in {**EQ_16, "consistency": consistency}.items())
        assert trainer.state.output["loss"] == pytest.approx(alone, abs=1e-3)


def test_l_con_keeps_the_vessels_of_an_unseen_head(tmp_path: Path) -> None:
    """DSC with L_con above 0.65, recall above 0.75 and by 0.1 above that without.

    Measured for seeds 0, 1, 2: DSC 0.776, 0.796, 0.777 and recall 0.91, 0.89, 0.87; without L_con DSC 0.758, 0.694,
    0.684 and recall 0.66, 0.55, 0.54. Without it the vessels get thin; with it they are a little thick, so that DSC
    shows the loss less than recall does.
    """
    trainings = Trainings(tmp_path, seed=0)
    (dice, kept), (_, left) = trainings.stage_2(LAMBDA), trainings.stage_2(0.0)
    assert dice > 0.65
    assert kept > 0.75
    assert kept > left + 0.1
