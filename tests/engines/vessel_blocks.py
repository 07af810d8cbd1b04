"""Small scans with bright tubes, and the three trainers on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.transforms import Compose, RandGaussianNoise
from PIL import Image
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.utils.data import DataLoader

from scripts.datasets.crop_and_overlap import CropAndOverlap
from scripts.datasets.reference_masks import ReferenceMasks
from scripts.datasets.synthetic_vessels import SyntheticVessels
from scripts.datasets.view_dataset import ViewDataset
from scripts.engines.pretrainer import Pretrainer
from scripts.engines.shape_guided_trainer import ShapeGuidedTrainer
from scripts.handlers.ema import MovingAverage, PaperSchedule, ema_model
from scripts.losses.patch_discrimination import PatchDiscriminationLoss
from scripts.networks.shape_discriminator import ShapeDiscriminator
from scripts.networks.vessel_unet import VesselSegmenter, VesselUNet

CHANNELS = (4, 8, 8, 8, 8)
SIDE = 48


def vessel_block(seed: int, side: int = SIDE) -> tuple[Tensor, Tensor]:
    """Normalised scan and label (1, side, side, side): noisy tissue at 1 +- 0.2, straight tubes of radius 1.5 at 2."""
    rng = np.random.default_rng(seed)
    index = np.stack(np.meshgrid(*[np.arange(side)] * 3, indexing="ij"), axis=-1)
    label = np.zeros((side,) * 3, dtype=bool)
    for _ in range(5):
        point, direction = rng.uniform(0, side, 3), rng.normal(size=3)
        offset = index - point
        along = offset @ direction / (direction @ direction)
        label |= np.linalg.norm(offset - along[..., None] * direction, axis=-1) < 1.5
    scan = 1 + gaussian_filter(label.astype(np.float32), 0.5) + rng.normal(0, 0.15, label.shape)
    return torch.from_numpy(scan.clip(0.01, 5).astype(np.float32))[None], torch.from_numpy(label)[None]


def save_mask(folder: Path) -> None:
    """A 2D mask of crossing lines, unless it is there: several processes may read it."""
    mask = np.zeros((80, 80), dtype=np.uint8)
    mask[38:42] = mask[:, 20:23] = mask[10:12] = 255
    if not (folder / "mask.png").is_file():
        Image.fromarray(mask).save(folder / "mask.png")


def view_dataset(
    iterations: int, masks_dir: Path | None = None, synthetic_vessels: bool = False, **settings: Any
) -> ViewDataset:
    """Two blocks, crops of 32^3; with a 2D mask of crossing lines, and synthetic vessels, where they are asked for."""
    references = None
    if masks_dir is not None:
        save_mask(masks_dir)
        draw = CropAndOverlap(32, patches=(1, 1), scale=(0.7, 1.0), soft_edge=1.0, intensity=(0.4, 1.0))
        references = ReferenceMasks(str(masks_dir), draw, count=4)
    augment = Compose([RandGaussianNoise(prob=1.0, std=0.05)])
    volumes = [{"image": vessel_block(seed)[0]} for seed in (1, 2)]
    vessels = SyntheticVessels(str(masks_dir), 32) if synthetic_vessels else None
    settings = {
        "crop_pairs": 1,
        "iterations": iterations,
        "references": references,
        "synthetic_vessels": vessels,
        **settings,
    }
    return ViewDataset(volumes, 32, augment, **settings)


def pretrainer(iterations: int, **settings: Any) -> Pretrainer:
    torch.manual_seed(0)
    network = VesselUNet(CHANNELS, vessel_prior=0.02)
    return Pretrainer(**_common(network, view_dataset(iterations), iterations), **settings)


def shape_guided_trainer(
    iterations: int,
    masks_dir: Path,
    synthetic_vessels: bool = False,
    cluster_activation: str = "sigmoid",
    **settings: Any,
) -> ShapeGuidedTrainer:
    torch.manual_seed(0)
    network = VesselUNet(CHANNELS, vessel_prior=0.02, cluster_activation=cluster_activation)
    average = VesselSegmenter(CHANNELS, cluster_activation=cluster_activation)
    ema = ema_model(average.to(memory_format=torch.channels_last_3d), PaperSchedule(period=5))
    discriminator = ShapeDiscriminator()
    common = _common(network, view_dataset(iterations, masks_dir, synthetic_vessels), iterations)
    return ShapeGuidedTrainer(
        **common,
        discriminator=discriminator,
        discriminator_optimizer=torch.optim.Adam(discriminator.parameters(), 5e-5),
        ema=ema,
        train_handlers=[MovingAverage(network, ema)],
        **settings,
    )


def _common(network: VesselUNet, items: ViewDataset, iterations: int) -> dict[str, Any]:
    network.to(memory_format=torch.channels_last_3d)  # as the configs have it: faster
    return {
        "device": "cpu",
        "max_epochs": 1,
        "epoch_length": iterations,
        "train_data_loader": DataLoader(items, batch_size=None),
        "network": network,
        "optimizer": torch.optim.Adam(network.parameters(), 1e-3),
        "loss_function": PatchDiscriminationLoss(),
    }
