import numpy as np
import pytest
import torch
from monai.data import CacheDataset, MetaTensor
from monai.transforms import Compose, RandGaussianNoise
from torch import Tensor

from scripts.datasets.brain_crops import BrainCrops, augment_brain


def numbered(*shape: int) -> Tensor:
    """A volume without background in which every voxel tells where it is."""
    return torch.arange(1, 1 + torch.Size(shape).numel(), dtype=torch.float32).reshape(1, *shape)


def ball(*shape: int, radius: float = 8.0) -> Tensor:
    """A ball of brain in the far corner of an empty volume."""
    grid = torch.stack(torch.meshgrid(*(torch.arange(side) for side in shape), indexing="ij"))  # (3, D, H, W)
    centre = torch.tensor(shape).reshape(3, 1, 1, 1) - radius
    return ((grid - centre).square().sum(dim=0, keepdim=True) < radius**2).float()


def draws(crops: BrainCrops, number: int, seed: int = 0) -> list[Tensor]:
    rng = np.random.default_rng(seed)
    return [crops.draw(rng) for _ in range(number)]


def test_same_generator_same_crop_and_other_seed_another() -> None:
    crops = BrainCrops([{"image": numbered(48, 40, 36)}, {"image": -numbered(40, 40, 40)}], 32)
    first, again, other = (torch.stack(draws(crops, 5, seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("shape", [(48, 40, 36), (32, 32, 32), (33, 64, 47)])
def test_crops_are_pieces_of_the_volume_all_over_it(shape: tuple[int, int, int]) -> None:
    volume = numbered(*shape)
    corners = set()
    for crop in draws(BrainCrops([{"image": volume}], 32), 40):
        assert crop.shape == (1, 32, 32, 32) and crop.dtype == torch.float32
        corner = np.unravel_index(int(crop[0, 0, 0, 0]) - 1, shape)
        corners.add(corner)
        d, h, w = corner
        assert torch.equal(crop, volume[:, d : d + 32, h : h + 32, w : w + 32])
    for axis, side in enumerate(shape):  # the first and the last possible place are both reached
        assert {corner[axis] for corner in corners} >= {0, side - 32}


def test_the_centre_is_a_brain_voxel_where_the_border_allows() -> None:
    volume = torch.zeros(1, 64, 64, 64)
    volume[:, 24:40, 20:44, 26:36] = 1
    for crop in draws(BrainCrops([{"image": volume}], 32), 10):
        assert crop[0, 16, 16, 16] == 1


def test_every_crop_contains_brain_also_in_a_corner() -> None:
    # The ball is 0.8 % of the volume; of crops drawn anywhere, nine in ten would miss it.
    assert all(crop.any() for crop in draws(BrainCrops([{"image": ball(64, 64, 64)}], 32), 20))


def test_a_tiny_brain_is_found_wherever_it_is() -> None:
    volume = torch.zeros(1, 96, 96, 96)
    volume[0, 40, 50, 60] = volume[0, 60, 50, 40] = 1  # random places would miss them 400 000 times
    crops = draws(BrainCrops([{"image": volume}], 32), 8)
    assert all(crop[0, 16, 16, 16] == 1 for crop in crops)


def test_a_volume_without_brain_is_named() -> None:
    volume = MetaTensor(torch.zeros(1, 40, 40, 40), meta={"filename_or_obj": "scan.nii.gz"})
    with pytest.raises(ValueError, match="scan.nii.gz: holds nothing but 0"):
        draws(BrainCrops([{"image": volume}], 32), 1)


@pytest.mark.parametrize("shape", [(20, 48, 48), (3, 5, 7), (32, 32, 2)])
def test_volumes_smaller_than_the_crop_are_padded_with_zeros(shape: tuple[int, int, int]) -> None:
    volume = numbered(*shape)
    for crop in draws(BrainCrops([{"image": volume}], 32), 5):
        assert crop.shape == (1, 32, 32, 32)
        inside = (crop != 0)[0]
        sides = [int(inside.any(dim=others).sum()) for others in ((1, 2), (0, 2), (0, 1))]
        assert sides == [min(side, 32) for side in shape]
        assert len(crop[0, inside].unique()) == inside.sum() == np.prod(sides)  # nothing is lost, nothing repeated


def test_every_volume_is_drawn_from() -> None:
    volumes = [{"image": torch.full((1, 32, 32, 32), float(value))} for value in (1, 2, 3)]
    assert {crop.max().item() for crop in draws(BrainCrops(volumes, 32), 40)} == {1, 2, 3}


def test_a_crop_is_a_copy() -> None:
    volume = numbered(32, 32, 32)
    draws(BrainCrops([{"image": volume}], 32), 1)[0].zero_()
    assert torch.equal(volume, numbered(32, 32, 32))


def test_volumes_may_be_a_cached_dataset() -> None:
    dataset = CacheDataset([{"image": MetaTensor(numbered(40, 40, 40))}], transform=Compose([]), progress=False)
    plain = draws(BrainCrops([{"image": numbered(40, 40, 40)}], 32), 3)
    assert all(torch.equal(crop, other) for crop, other in zip(draws(BrainCrops(dataset, 32), 3), plain))


@pytest.mark.parametrize("size", [0, 16, 40, 97])
def test_sizes_that_the_network_cannot_take_raise(size: int) -> None:
    with pytest.raises(ValueError, match="multiple of 16"):
        BrainCrops([{"image": numbered(48, 48, 48)}], size)


def test_no_volume_raises() -> None:
    with pytest.raises(ValueError, match="no volume"):
        BrainCrops([], 32)


def test_augmentation_changes_the_brain_and_leaves_the_background_at_zero() -> None:
    crop, augment = ball(32, 32, 32), Compose([RandGaussianNoise(prob=1.0, std=0.1)])
    before = crop.clone()
    view = augment_brain(crop, augment, np.random.default_rng(0))
    assert torch.equal(crop, before)
    assert not view[crop == 0].any()
    assert (view[crop != 0] != 1).all()
    assert torch.equal(view, augment_brain(crop, augment, np.random.default_rng(0)))
    assert not torch.equal(view, augment_brain(crop, augment, np.random.default_rng(1)))
