import pytest
import torch
from monai.transforms import Compose, RandGaussianNoise
from torch.utils.data import DataLoader

from scripts.data.labelled_crop_dataset import LabelledCropDataset
from scripts.engines.label_trainer import LabelTrainer
from scripts.losses.rival_loss import rival_loss
from scripts.networks.rivals import rival_network
from tests.engines.vessel_blocks import vessel_block

ITERATIONS = 30


def dice(network: torch.nn.Module, seed: int = 9) -> float:
    scan, truth = vessel_block(seed)
    with torch.no_grad():
        vessels = network.eval()(scan[None])[0] > 0.5
    return float(2 * (vessels & truth).sum() / (vessels.sum() + truth.sum()))


@pytest.mark.parametrize("model", ["unet", "mips_3"])
def test_vessels_of_an_unseen_block_are_found(model: str) -> None:
    torch.manual_seed(0)
    network = rival_network(model, (4, 8, 8, 8, 8))
    blocks = [vessel_block(seed) for seed in (1, 2)]
    volumes = [{"image": scan, "label": truth.to(torch.uint8)} for scan, truth in blocks]
    items = LabelledCropDataset(volumes, 32, Compose([RandGaussianNoise(prob=1.0, std=0.05)]), 2, iterations=ITERATIONS)
    trainer = LabelTrainer(
        device="cpu",
        max_epochs=1,
        epoch_length=ITERATIONS,
        train_data_loader=DataLoader(items, batch_size=None),
        network=network,
        optimizer=torch.optim.Adam(network.parameters(), 2e-3),
        loss_function=rival_loss(model),
    )
    assert dice(network) < 0.2
    trainer.run()
    assert dice(network) > 0.5
    assert set(trainer.state.output["terms"]) == {"supervision", "vessel_fraction", "label_fraction"}
