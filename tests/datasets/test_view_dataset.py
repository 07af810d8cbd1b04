from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, RandAdjustContrast, RandGaussianNoise, RandGaussianSmooth, RandScaleIntensity
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader

from scripts.datasets.crop_and_overlap import CropAndOverlap
from scripts.datasets.iteration_sampler import IterationSampler
from scripts.datasets.reference_masks import ReferenceMasks
from scripts.datasets.synthetic_vessels import SyntheticVessels
from scripts.datasets.view_dataset import ViewDataset


def volumes() -> list[dict[str, Tensor]]:
    """Two brains with empty surroundings."""
    generator = torch.Generator().manual_seed(0)
    cases = [
        {"image": 0.8 + 0.4 * torch.rand(1, *shape, generator=generator)} for shape in ((48, 40, 36), (40, 52, 24))
    ]
    for case in cases:
        case["image"][:, :10] = 0
        case["image"][:, :, 30:] = 0
    return cases


def augmentation() -> Compose:
    return Compose(
        [
            RandGaussianNoise(prob=0.5, std=0.1),
            RandScaleIntensity(prob=0.8, factors=0.2),
            RandAdjustContrast(prob=0.5, gamma=(0.8, 1.25)),
            RandGaussianSmooth(prob=0.2, sigma_x=(0.3, 0.6), sigma_y=(0.3, 0.6), sigma_z=(0.3, 0.6)),
        ]
    )


@pytest.fixture
def references(tmp_path: Path) -> ReferenceMasks:
    mask = np.zeros((80, 80), dtype=np.uint8)
    mask[::15] = mask[1::15] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    return ReferenceMasks(str(tmp_path), CropAndOverlap(32), count=4)


def assert_equal(item: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert item.keys() == other.keys()
    for key in item:
        assert torch.equal(item[key], other[key]), key


@pytest.mark.parametrize("crop_pairs", [1, 3])
def test_an_item_holds_what_an_iteration_needs(crop_pairs: int, references: ReferenceMasks) -> None:
    item = ViewDataset(volumes(), 32, augmentation(), crop_pairs=crop_pairs, references=references)[0]
    assert {key: tuple(value.shape) for key, value in item.items()} == {
        "first": (2 * crop_pairs, 1, 32, 32, 32),
        "second": (2 * crop_pairs, 1, 32, 32, 32),
        "orientation": (2 * crop_pairs,),
        "mixup_weight": (crop_pairs, 2),
        "reference": (4, 1, 32, 32),
    }
    assert all(value.dtype == torch.float32 for key, value in item.items() if key != "orientation")
    assert item["orientation"].dtype == torch.int64


def test_without_references_there_are_none() -> None:
    assert "reference" not in ViewDataset(volumes(), 32, augmentation(), crop_pairs=1)[0]


def test_synthetic_vessels_are_in_both_views_and_labelled(tmp_path: Path, references: ReferenceMasks) -> None:
    settings = {"crop_pairs": 2, "references": references}
    plain = ViewDataset(volumes(), 32, Compose([]), **settings)[0]
    assert "label" not in plain
    item = ViewDataset(volumes(), 32, Compose([]), synthetic_vessels=SyntheticVessels(str(tmp_path), 32), **settings)[0]
    assert item["label"].shape == item["label_weight"].shape == (4, 1, 32, 32, 32)
    assert item["label"].flatten(1).any(dim=1).sum() >= 3  # a tree may miss the brain
    vessel = item["label"].bool()
    for view in (item["first"], item["second"]):
        assert view[vessel].mean() > 1.2 > 1.1 > view[~vessel & (view != 0)].mean()
    assert torch.equal(item["reference"], plain["reference"])  # which are drawn on their own


def test_the_paper_has_12_crops_and_6_mixup_images() -> None:
    item = ViewDataset(volumes(), 32, Compose([]))[0]
    assert len(item["first"]) + len(item["second"]) == 12
    assert item["mixup_weight"].numel() == 6


def test_draws_cover_their_ranges() -> None:
    dataset = ViewDataset([{"image": torch.ones(1, 32, 32, 32)}], 32, Compose([]), crop_pairs=8)
    items = [dataset[index] for index in range(10)]
    weights = torch.cat([item["mixup_weight"] for item in items])  # (80, 2)
    assert 0.2 <= weights.min() < 0.22 and 0.78 < weights.max() <= 0.8
    assert weights.mean().item() == pytest.approx(0.5, abs=0.05)
    draws = [dataset.draw(np.random.default_rng(seed))["orientation"] for seed in range(250)]
    assert sorted(torch.cat(draws).unique().tolist()) == list(
        range(48)
    )  # 500 draws: each is missed once in 40000 times


def test_an_item_is_a_function_of_seed_and_index(references: ReferenceMasks) -> None:
    dataset = ViewDataset(volumes(), 32, augmentation(), crop_pairs=1, seed=5, references=references)
    item = dataset[7]
    dataset[3], dataset[8]  # what was drawn in between does not matter
    assert_equal(dataset[7], item)
    torch.manual_seed(1)
    assert_equal(ViewDataset(volumes(), 32, augmentation(), crop_pairs=1, seed=5, references=references)[7], item)


def test_items_of_other_indices_and_seeds_differ(references: ReferenceMasks) -> None:
    dataset = ViewDataset(volumes(), 32, augmentation(), crop_pairs=1, seed=5, references=references)
    other_seed = ViewDataset(volumes(), 32, augmentation(), crop_pairs=1, seed=6, references=references)
    items = [*(dataset[index] for index in range(5)), other_seed[0]]
    for key in ("first", "second", "mixup_weight", "reference"):
        assert len({tuple(item[key].flatten().tolist()) for item in items}) == len(items), key


@pytest.mark.parametrize("start", [0, 2])
def test_loader_workers_and_resuming_do_not_change_the_items(start: int, references: ReferenceMasks) -> None:
    dataset = ViewDataset(volumes(), 32, augmentation(), crop_pairs=1, iterations=4, references=references)
    loaded = []
    for workers in (0, 2):
        sampler = IterationSampler(4)
        sampler.start = start
        loader = DataLoader(dataset, batch_size=None, sampler=sampler, num_workers=workers)
        loaded.append(list(islice(loader, 4 - start)))
    assert len(loaded[0]) == len(loaded[1]) == 4 - start
    for index, (item, other) in enumerate(zip(*loaded), start=start):
        assert_equal(item, other)
        assert_equal(item, dataset[index])


def test_views_of_a_crop_differ_by_intensity_alone() -> None:
    cases = volumes()
    plain = ViewDataset(cases, 32, Compose([]), crop_pairs=2)[0]
    assert torch.equal(plain["first"], plain["second"])
    item = ViewDataset(cases, 32, augmentation(), crop_pairs=2)[0]  # the same crops: the seed is the same
    for key in ("first", "second"):
        assert torch.equal(item[key] == 0, plain["first"] == 0)
        brain = plain["first"] != 0
        assert (item[key] - plain["first"])[brain].abs().mean() < 0.4
    assert not torch.equal(item["first"], item["second"])


@pytest.mark.parametrize("index", range(4))
def test_what_is_zero_stays_zero_and_crops_hold_brain(index: int) -> None:
    noisy = Compose([RandGaussianNoise(prob=1.0, std=0.5)])
    cases = volumes()
    plain, item = (ViewDataset(cases, 32, augment, crop_pairs=2)[index] for augment in (Compose([]), noisy))
    for key in ("first", "second"):
        assert not item[key][plain[key] == 0].any()
        assert (plain[key] != 0).flatten(1).any(dim=1).all()


def test_metadata_of_the_volumes_does_not_reach_the_items() -> None:
    cases = [{"image": MetaTensor(case["image"])} for case in volumes()]
    item = ViewDataset(cases, 32, augmentation(), crop_pairs=1)[0]
    assert all(type(value) is Tensor for value in item.values())
    assert_equal(item, ViewDataset(volumes(), 32, augmentation(), crop_pairs=1)[0])


@pytest.mark.parametrize("processes", [2, 4])
def test_the_shares_of_all_processes_are_the_item_of_one(
    processes: int, tmp_path: Path, references: ReferenceMasks
) -> None:
    synthetic_vessels = SyntheticVessels(str(tmp_path), 32)

    def item(rank: int, world_size: int) -> dict[str, Tensor]:
        settings = {
            "crop_pairs": 4,
            "references": references,
            "synthetic_vessels": synthetic_vessels,
            "rank": rank,
            "world_size": world_size,
        }
        return ViewDataset(volumes(), 32, augmentation(), **settings)[2]

    whole = item(0, 1)
    shares = [item(rank, processes) for rank in range(processes)]
    per_batch_of = {"first": 2, "second": 2, "orientation": 2, "mixup_weight": 1, "reference": 1, "label": 2}
    for key, per_batch in per_batch_of.items():
        parts = [share[key].split(per_batch) for share in shares]
        together = [part for row in zip(*parts) for part in row]  # batch b is in process b mod `processes`
        assert torch.equal(torch.cat(together), whole[key]), key


@pytest.mark.parametrize(("processes", "each"), [(1, 3), (2, 2), (3, 1), (4, 1), (6, 1)])
def test_pairs_that_cannot_be_shared_evenly_are_drawn_until_they_can(processes: int, each: int) -> None:
    data = volumes()
    slots = [
        list(ViewDataset(data, 32, augmentation(), crop_pairs=3, rank=rank, world_size=processes).slots)
        for rank in range(processes)
    ]
    assert [len(share) for share in slots] == [each] * processes
    assert sorted(slot for share in slots for slot in share) == list(range(each * processes))


def test_both_views_of_every_crop_are_augmented_anew() -> None:
    flat = [{"image": torch.ones(1, 40, 40, 40)}]
    data = ViewDataset(flat, 32, Compose([RandScaleIntensity(prob=1.0, factors=0.5)]), crop_pairs=2)
    factors = [data[index][view].amax(dim=(1, 2, 3, 4)) for index in range(3) for view in ("first", "second")]
    assert len(set(torch.cat(factors).tolist())) == 3 * 2 * 4  # of every iteration, view and crop its own


def test_length_is_the_number_of_iterations() -> None:
    assert len(ViewDataset(volumes(), 32, augmentation(), iterations=123)) == 123
