from pathlib import Path

import pytest
import torch
from monai.transforms import Compose, RandGaussianNoise
from torch.utils.data import DataLoader

from scripts.baselines.baseline_loss import baseline_loss
from scripts.baselines.baseline_networks import baseline_network
from scripts.datasets.labelled_crop_dataset import LabelledCropDataset
from scripts.datasets.synthetic_vessel_dataset import SyntheticVesselDataset
from scripts.datasets.synthetic_vessels import SyntheticVessels
from scripts.engines.label_trainer import LabelTrainer
from scripts.handlers.ema import MovingAverage, PaperSchedule, ema_model
from scripts.losses.weighted_cross_entropy import WeightedCrossEntropyLoss
from scripts.networks.vessel_unet import VesselSegmenter
from tests.engines.vessel_blocks import CHANNELS, save_mask, vessel_block

ITERATIONS = 30


def dice(network: torch.nn.Module, seed: int = 9) -> float:
    scan, label = vessel_block(seed)
    with torch.no_grad():
        vessels = network.eval()(scan[None])[0] > 0.5
    return float(2 * (vessels & label).sum() / (vessels.sum() + label.sum()))


@pytest.mark.parametrize("model", ["unet", "mips_3"])
def test_vessels_of_an_unseen_block_are_found(model: str) -> None:
    torch.manual_seed(0)
    network = baseline_network(model, (4, 8, 8, 8, 8))
    blocks = [vessel_block(seed) for seed in (1, 2)]
    volumes = [{"image": scan, "label": label.to(torch.uint8)} for scan, label in blocks]
    items = LabelledCropDataset(volumes, 32, Compose([RandGaussianNoise(prob=1.0, std=0.05)]), 2, iterations=ITERATIONS)
    trainer = LabelTrainer(
        device="cpu",
        max_epochs=1,
        epoch_length=ITERATIONS,
        train_data_loader=DataLoader(items, batch_size=None),
        network=network,
        optimizer=torch.optim.Adam(network.parameters(), 2e-3),
        loss_function=baseline_loss(model),
    )
    assert dice(network) < 0.2
    trainer.run()
    assert dice(network) > 0.5
    assert set(trainer.state.output["terms"]) == {"supervision", "vessel_fraction", "label_fraction"}


def test_synthetic_vessels_teach_to_find_those_of_an_unseen_block(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_mask(tmp_path)
    network = VesselSegmenter(CHANNELS, vessel_prior=0.02, cluster_activation="softmax")
    ema = ema_model(VesselSegmenter(CHANNELS, cluster_activation="softmax"), PaperSchedule(period=5))
    volumes = [{"image": vessel_block(seed)[0]} for seed in (1, 2)]
    augment = Compose([RandGaussianNoise(prob=1.0, std=0.05)])
    synthetic_vessels = SyntheticVessels(str(tmp_path), 32, trees=(1, 1))
    items = SyntheticVesselDataset(volumes, 32, augment, synthetic_vessels, crops=2, iterations=2 * ITERATIONS)
    trainer = LabelTrainer(
        device="cpu",
        max_epochs=1,
        epoch_length=2 * ITERATIONS,
        train_data_loader=DataLoader(items, batch_size=None),
        network=network,
        optimizer=torch.optim.Adam(network.parameters(), 1e-2),
        loss_function=WeightedCrossEntropyLoss(),
        train_handlers=[MovingAverage(network, ema)],
    )
    trainer.run()
    assert dice(VesselSegmenter(CHANNELS, vessel_prior=0.02)) < 0.1 < 0.5 < dice(ema)


def test_a_voxel_that_weighs_nothing_teaches_nothing() -> None:
    network = torch.nn.Sequential(torch.nn.Conv3d(1, 1, 1), torch.nn.Sigmoid())
    cubes = torch.rand(3, 1, 1, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    item = dict(zip(("image", "label", "label_weight"), cubes))
    kept = {name: value.clone() for name, value in network.state_dict().items()}
    for weight, same in ((item["label_weight"] * 0, True), (item["label_weight"], False)):
        LabelTrainer(
            device="cpu",
            max_epochs=1,
            epoch_length=1,
            train_data_loader=DataLoader([{**item, "label_weight": weight}], batch_size=None),
            network=network,
            optimizer=torch.optim.SGD(network.parameters(), 0.1),
            loss_function=WeightedCrossEntropyLoss(),
        ).run()
        assert all(torch.equal(value, kept[name]) for name, value in network.state_dict().items()) is same
