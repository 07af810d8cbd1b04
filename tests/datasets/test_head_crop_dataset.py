from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from scripts.datasets.head_crop_dataset import HeadCropDataset
from scripts.datasets.random_scanner import RandomScanner, Sample
from scripts.datasets.random_view import random_view
from scripts.datasets.synthetic_vessels import SyntheticVessels
from scripts.io.user_error import BadInput
from scripts.simulation.arterial_tree import grow_arterial_tree
from scripts.simulation.head_file import DEPTH_STEP, read_head, write_head
from scripts.simulation.tof_mra import TofMraSimulator, random_streams
from scripts.vessels.swc import VesselTree
from tests.engines.vessel_blocks import save_mask


@pytest.fixture(scope="module")
def heads(tmp_path_factory) -> list[dict[str, str]]:
    """One head of 7 cm at 1 mm."""
    whole = grow_arterial_tree(0, terminals=20)
    tree = VesselTree(whole.points * 0.45, whole.radii, whole.parents)
    path = tmp_path_factory.mktemp("heads") / "head_000.npz"
    parts = TofMraSimulator(spacing=1.0).signal(tree, *random_streams(0))
    write_head(parts, half(parts.tissue.shape), path)
    return [{"image": str(path)}]


def half(shape: tuple[int, ...]) -> np.ndarray:
    """The right half of a grid, bool: what this head's estimated brain mask would be."""
    return np.indices(shape, sparse=True)[0] > shape[0] // 2 + np.zeros(shape, dtype=int)


def crops(heads, count: int = 8, **settings) -> dict[str, torch.Tensor]:
    return HeadCropDataset(heads, 32, crops=count, spacing=1.0, **settings)[0]


def test_a_head_is_kept_with_its_arteries(heads):
    head = read_head(heads[0]["image"])
    assert head.label.shape == head.bare.shape == head.depth.shape == head.estimated.shape
    assert head.estimated[-1].all() and not head.estimated[0].any()
    inside = head.depth * DEPTH_STEP > 0
    assert head.label.any() and inside[head.label].mean() > 0.98
    assert (head.blood[head.label] > 0).mean() > 0.8
    with pytest.raises(ValueError, match="is no head .* writes it anew"):
        read_head(__file__)


def test_a_head_of_another_spacing_is_refused(heads):
    assert read_head(heads[0]["image"]).spacing == 1.0
    with pytest.raises(BadInput, match=r"head_000.npz: is a head of 1 mm, .* made with --spacing 0\.6\."):
        HeadCropDataset(heads, 32, spacing=0.6)


def test_crops_are_normalised_scans_with_their_vessels(heads):
    item = crops(heads, 24)
    image, label = item["image"], item["label"]
    assert image.shape == label.shape == (24, 1, 32, 32, 32) and image.dtype == label.dtype == torch.float32
    assert set(label.unique().tolist()) == {0.0, 1.0}
    assert not label[image == 0].any() and image.max() <= 5 and image.isfinite().all()
    brain = [crop[crop > 0].median().item() for crop in image if (crop > 0).any()]
    assert 0.7 < np.median(brain) < 1.3
    bright, around = image[label > 0].mean(), image[(label == 0) & (image > 0)].mean()
    assert bright > around + 0.15


def test_an_item_is_a_function_of_seed_and_index(heads):
    first, again = (HeadCropDataset(heads, 32, crops=2, spacing=1.0, iterations=3) for _ in range(2))
    for item, same in zip(DataLoader(first, batch_size=None), DataLoader(again, batch_size=None, num_workers=1)):
        assert torch.equal(item["image"], same["image"]) and torch.equal(item["label"], same["label"])
    assert not torch.equal(first[0]["image"], first[1]["image"])
    assert not torch.equal(first[0]["image"], HeadCropDataset(heads, 32, crops=2, spacing=1.0, seed=1)[0]["image"])


def test_processes_share_the_crops_of_an_iteration(heads):
    whole = crops(heads, 4)
    shares = [crops(heads, 4, rank=rank, world_size=2) for rank in (0, 1)]
    for key in ("image", "label"):
        assert torch.equal(whole[key], torch.stack([share[key] for share in shares], dim=1).flatten(0, 1))
    with pytest.raises(ValueError, match="divisible by 3"):
        crops(heads, 4, world_size=3)


def test_synthetic_vessels_are_added_and_known(heads, tmp_path: Path):
    save_mask(tmp_path)
    vessels = SyntheticVessels(str(tmp_path), 32)
    plain = crops(heads, 12)
    added = crops(heads, 12, synthetic_vessels=vessels, synthetic_share=1.0)
    assert added["label"].sum() > plain["label"].sum()


def test_views_reach_from_exact_masks_to_none():
    rng = np.random.default_rng(0)
    depth = np.linspace(-20, 20, 40)[:, None, None] * np.ones((1, 40, 40))
    positions = list(np.ogrid[:40, :40, :40])
    estimate = np.broadcast_to(positions[0] < 30, depth.shape)
    shares = [random_view(depth.shape, 3.0, rng).mask(depth, estimate, positions).mean() for _ in range(200)]
    assert np.isclose(shares, 0.5).sum() > 30  # exact, the whole head
    assert np.isclose(shares, 0.75).sum() > 20  # the estimate
    assert np.isclose(shares, 1.0).sum() > 10  # no mask
    assert min(shares) < 0.3


def test_some_crops_end_where_the_estimated_mask_ends(heads, monkeypatch):
    monkeypatch.setattr("scripts.datasets.random_view.EXACT", 0.0)
    monkeypatch.setattr("scripts.datasets.random_view.ESTIMATED", 1.0)
    monkeypatch.setattr("scripts.datasets.random_view.PART", 0.0)
    data = HeadCropDataset(heads, 32, spacing=1.0)
    planes = [(data.draw(np.random.default_rng(seed))[0][0] > 0).float().mean(dim=(1, 2)) for seed in range(20)]
    assert all(set(shares.tolist()) <= {0.0, 1.0} and shares.any() for shares in planes)  # the half, whatever the brain
    assert sum(not shares.all() for shares in planes) > 5


def test_a_sparse_sample_is_as_bright_as_the_crop():
    """Without blur and texture the statistics that normalise a crop are those of its own voxels."""
    generator = np.random.default_rng(3)
    shape = (40, 40, 40)
    positions = list(np.ix_(*[np.linspace(0, 1, side) for side in shape]))
    tissue = generator.integers(80, 110, size=shape).astype(np.uint8)
    crop = Sample(tissue, np.zeros_like(tissue), np.zeros_like(tissue), positions)
    for seed in range(6):
        scanner = RandomScanner(np.random.default_rng(seed))
        image, deviation = scanner.acquire(crop)
        sample = scanner.sample(crop, deviation)
        assert np.median(sample) == pytest.approx(np.median(image), rel=0.1)
        assert image.dtype == np.float32 and image.shape == shape
