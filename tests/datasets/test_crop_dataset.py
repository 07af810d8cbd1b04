import pytest
import torch
from monai.transforms import Compose, RandGaussianNoise
from torch import Tensor

from scripts.datasets.crop_dataset import CropDataset

VOLUMES = [{"image": 1 + torch.rand(1, 40, 36, 44, generator=torch.Generator().manual_seed(seed))} for seed in (0, 1)]
NOISE = Compose([RandGaussianNoise(prob=1.0, std=0.1)])


def item(index: int = 3, **settings: int) -> dict[str, Tensor]:
    return CropDataset(VOLUMES, 32, NOISE, **{"crops": 4, "orientations": 5, **settings})[index]


def test_an_item_holds_what_an_iteration_needs() -> None:
    drawn = item()
    assert {key: tuple(value.shape) for key, value in drawn.items()} == {
        "image": (4, 1, 32, 32, 32),
        "view": (4, 1, 32, 32, 32),
        "orientation": (4, 5),
    }
    assert 0 < (drawn["view"] - drawn["image"]).abs().mean() < 0.2
    assert all(len(indices.unique()) == 5 for indices in drawn["orientation"])  # none twice


def test_an_item_is_a_function_of_seed_and_index() -> None:
    first, again = item(), item()
    assert all(torch.equal(first[key], again[key]) for key in first)
    for other in (item(index=4), item(seed=1)):
        assert all(not torch.equal(first[key], other[key]) for key in first)


def test_the_shares_of_two_processes_are_the_item_of_one() -> None:
    whole, shares = item(), [item(rank=rank, world_size=2) for rank in range(2)]
    for key, value in whole.items():
        assert torch.equal(torch.stack([share[key] for share in shares], dim=1).flatten(0, 1), value), key


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"crops": 3, "world_size": 2}, "crops per iteration"), ({"orientations": 49}, "orientations")],
)
def test_settings_that_cannot_be_met_raise(settings: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        item(**settings)
