import pytest
import torch
from monai.transforms import Compose, RandGaussianNoise
from torch import Tensor
from torch.utils.data import DataLoader

from scripts.datasets.labelled_crop_dataset import LabelledCropDataset

PLAIN = Compose([])
NOISE = Compose([RandGaussianNoise(prob=1.0, std=0.1)])


def volumes() -> list[dict[str, Tensor]]:
    """Two brains with empty surroundings; vessel is what is brighter than 1."""
    generator = torch.Generator().manual_seed(0)
    cases = []
    for shape in ((48, 40, 36), (40, 52, 24)):
        image = 0.8 + 0.4 * torch.rand(1, *shape, generator=generator)
        image[:, :10] = 0
        cases.append({"image": image, "label": (image > 1).to(torch.uint8)})
    return cases


def test_labels_lie_on_their_crops() -> None:
    item = LabelledCropDataset(volumes(), 32, PLAIN, crops=6)[0]
    assert item["image"].shape == item["label"].shape == (6, 1, 32, 32, 32)
    assert item["label"].dtype == torch.float32
    assert item["label"].flatten(1).any(dim=1).all()
    assert torch.equal(item["label"], (item["image"] > 1).float())


def test_intensities_are_augmented_and_labels_are_not() -> None:
    plain, noisy = (LabelledCropDataset(volumes(), 32, augment, crops=2)[5] for augment in (PLAIN, NOISE))
    brain = plain["image"] != 0
    assert torch.equal(plain["label"], noisy["label"])
    assert (plain["image"] != noisy["image"])[brain].all() and not noisy["image"][~brain].any()


def test_an_item_is_a_function_of_seed_and_index() -> None:
    first, again = (LabelledCropDataset(volumes(), 32, NOISE, crops=2, iterations=4) for _ in range(2))
    assert len(first) == 4
    for item, same in zip(DataLoader(first, batch_size=None), DataLoader(again, batch_size=None, num_workers=2)):
        assert torch.equal(item["image"], same["image"]) and torch.equal(item["label"], same["label"])
    assert not torch.equal(first[0]["image"], first[1]["image"])
    other = LabelledCropDataset(volumes(), 32, NOISE, crops=2, seed=1)
    assert not torch.equal(first[0]["image"], other[0]["image"])


def test_processes_share_the_crops_of_an_iteration() -> None:
    whole = LabelledCropDataset(volumes(), 32, NOISE, crops=4)[1]
    shares = [LabelledCropDataset(volumes(), 32, NOISE, crops=4, rank=rank, world_size=2)[1] for rank in (0, 1)]
    for key in ("image", "label"):
        assert torch.equal(whole[key], torch.stack([share[key] for share in shares], dim=1).flatten(0, 1))
    with pytest.raises(ValueError, match="divisible by 3"):
        LabelledCropDataset(volumes(), 32, NOISE, crops=4, rank=0, world_size=3)
