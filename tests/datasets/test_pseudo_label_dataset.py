from pathlib import Path

import pytest
import torch
from monai.transforms import Compose, RandGaussianNoise
from torch import Tensor

from scripts.datasets.pseudo_label_dataset import PseudoLabelDataset
from scripts.datasets.synthetic_vessels import SyntheticVessels
from tests.engines.vessel_blocks import save_mask

PLAIN = Compose([])
NOISE = Compose([RandGaussianNoise(prob=1.0, std=0.1)])


def volumes() -> list[dict[str, Tensor]]:
    """A brain of even tissue with empty surroundings; a straight vessel, found by a network, crosses both."""
    image, mask = torch.ones(1, 48, 40, 36), torch.zeros(1, 48, 40, 36, dtype=torch.uint8)
    image[:, :10] = 0
    mask[:, :, 20, 18] = 1
    image[:, 10:, 20, 18] = 1.01  # too faint to be taken for blood
    return [{"image": image, "label": mask}]


@pytest.fixture
def synthetic_vessels(tmp_path: Path) -> SyntheticVessels:
    save_mask(tmp_path)
    return SyntheticVessels(str(tmp_path), 32)


def test_vessel_is_what_was_found_and_what_was_added(synthetic_vessels: SyntheticVessels) -> None:
    item = PseudoLabelDataset(volumes(), 32, PLAIN, synthetic_vessels, crops=8)[0]
    assert item.keys() == {"image", "label"} and all(value.shape == (8, 1, 32, 32, 32) for value in item.values())
    vessel, image = item["label"].bool(), item["image"]
    found = vessel & (image == 1.01)
    added = vessel & (image > 1.01)
    assert found.flatten(1).any(dim=1).sum() >= 4  # most crops hold some of it
    assert added.flatten(1).any(dim=1).sum() >= 6  # a tree may miss the brain
    assert torch.equal(vessel & (image != 0), found | added)
    assert (image[~vessel & (image != 0)] < 1.3).float().mean() > 0.99


def test_intensities_are_augmented_and_labels_are_not(synthetic_vessels: SyntheticVessels) -> None:
    plain, noisy = (
        PseudoLabelDataset(volumes(), 32, augment, synthetic_vessels, crops=2)[5] for augment in (PLAIN, NOISE)
    )
    brain = plain["image"] != 0
    assert torch.equal(plain["label"], noisy["label"])
    assert (plain["image"] != noisy["image"])[brain].all() and not noisy["image"][~brain].any()


def test_an_item_is_a_function_of_seed_and_index(synthetic_vessels: SyntheticVessels) -> None:
    first, again, other = (
        PseudoLabelDataset(volumes(), 32, NOISE, synthetic_vessels, crops=2, seed=seed) for seed in (0, 0, 1)
    )
    assert all(torch.equal(first[3][key], again[3][key]) for key in ("image", "label"))
    assert not torch.equal(first[3]["image"], first[2]["image"])
    assert not torch.equal(first[3]["image"], other[3]["image"])
