from pathlib import Path

import pytest
import torch
from monai.transforms import Compose, RandGaussianNoise
from torch import Tensor
from torch.utils.data import DataLoader

from scripts.datasets.synthetic_vessel_dataset import SyntheticVesselDataset
from scripts.datasets.synthetic_vessels import SyntheticVessels
from tests.engines.vessel_blocks import save_mask

PLAIN = Compose([])
NOISE = Compose([RandGaussianNoise(prob=1.0, std=0.1)])
KEYS = ("image", "label", "label_weight")


def volumes() -> list[dict[str, Tensor]]:
    """Two brains of even tissue with empty surroundings."""
    cases = []
    for shape in ((48, 40, 36), (40, 52, 24)):
        image = torch.ones(1, *shape)
        image[:, :10] = 0
        cases.append({"image": image})
    return cases


@pytest.fixture
def synthetic_vessels(tmp_path: Path) -> SyntheticVessels:
    save_mask(tmp_path)
    return SyntheticVessels(str(tmp_path), 32)


def test_vessels_lie_where_their_labels_say(synthetic_vessels: SyntheticVessels) -> None:
    item = SyntheticVesselDataset(volumes(), 32, PLAIN, synthetic_vessels, crops=8)[0]
    assert {key: tuple(value.shape) for key, value in item.items()} == {key: (8, 1, 32, 32, 32) for key in KEYS}
    vessel = item["label"].bool()
    assert vessel.flatten(1).any(dim=1).sum() >= 6  # a tree may miss the brain
    assert item["image"][vessel].mean() > 1.2 > 1.1 > item["image"][~vessel & (item["image"] != 0)].mean()
    assert (item["label_weight"] == 1).all()  # nothing in even tissue is doubtful


def test_intensities_are_augmented_and_labels_are_not(synthetic_vessels: SyntheticVessels) -> None:
    plain, noisy = (
        SyntheticVesselDataset(volumes(), 32, augment, synthetic_vessels, crops=2)[5] for augment in (PLAIN, NOISE)
    )
    brain = plain["image"] != 0
    assert torch.equal(plain["label"], noisy["label"])
    assert (plain["image"] != noisy["image"])[brain].all() and not noisy["image"][~brain].any()


def test_an_item_is_a_function_of_seed_and_index(synthetic_vessels: SyntheticVessels) -> None:
    first, again = (
        SyntheticVesselDataset(volumes(), 32, NOISE, synthetic_vessels, crops=2, iterations=4) for _ in range(2)
    )
    assert len(first) == 4
    for item, same in zip(DataLoader(first, batch_size=None), DataLoader(again, batch_size=None, num_workers=2)):
        assert all(torch.equal(item[key], same[key]) for key in KEYS)
    assert not torch.equal(first[0]["image"], first[1]["image"])
    other = SyntheticVesselDataset(volumes(), 32, NOISE, synthetic_vessels, crops=2, seed=1)
    assert not torch.equal(first[0]["image"], other[0]["image"])


def test_processes_share_the_crops_of_an_iteration(synthetic_vessels: SyntheticVessels) -> None:
    whole = SyntheticVesselDataset(volumes(), 32, NOISE, synthetic_vessels, crops=4)[1]
    shares = [
        SyntheticVesselDataset(volumes(), 32, NOISE, synthetic_vessels, crops=4, rank=rank, world_size=2)[1]
        for rank in (0, 1)
    ]
    for key in KEYS:
        assert torch.equal(whole[key], torch.stack([share[key] for share in shares], dim=1).flatten(0, 1))
    with pytest.raises(ValueError, match="divisible by 3"):
        SyntheticVesselDataset(volumes(), 32, NOISE, synthetic_vessels, crops=4, rank=0, world_size=3)
