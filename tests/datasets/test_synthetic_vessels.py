from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import distance_transform_edt, label

from scripts.datasets.synthetic_vessels import SyntheticVessels, neighbours

SIDE = 32


@pytest.fixture
def masks_dir(tmp_path: Path) -> str:
    """One mask of 200 x 200: a trunk that forks, six pixels wide."""
    mask = np.zeros((200, 200), dtype=np.uint8)
    mask[:100, 97:103] = 255
    for row in range(100, 200):
        for column in (100 + (row - 100) // 2, 100 - (row - 100) // 2):
            mask[row, max(column - 3, 0) : column + 3] = 255
    Image.fromarray(mask).save(tmp_path / "fork.png")
    return str(tmp_path)


def tissue() -> torch.Tensor:
    crop = torch.ones(1, SIDE, SIDE, SIDE)
    crop[:, :4] = 0
    return crop


def test_vessels_are_added_inside_the_brain_and_labelled(masks_dir: str) -> None:
    image, label, weight = SyntheticVessels(masks_dir, SIDE, trees=(1, 1), scale=(0.9, 1.0))(
        tissue(), np.random.default_rng(0)
    )
    assert image.shape == label.shape == weight.shape == (1, SIDE, SIDE, SIDE)
    assert torch.equal(image == 0, tissue() == 0)
    assert not label[tissue() == 0].any()
    vessel = label.bool()
    assert 20 < vessel.sum() < 2000
    assert (image[vessel] > 1).float().mean() > 0.99
    far = torch.from_numpy(distance_transform_edt(~vessel[0].numpy()) > 4)[None]  # voxels
    assert torch.allclose(image[far], tissue()[far], atol=1e-4)  # nothing is added elsewhere
    assert (weight == 1).all()  # the crop had nothing bright of its own


def test_without_trees_the_bright_voxels_of_the_scan_are_the_label(masks_dir: str) -> None:
    crop = tissue()
    crop[:, 20, 8:24, 20] = 3.0
    image, label, _ = SyntheticVessels(masks_dir, SIDE, trees=(0, 0))(crop, np.random.default_rng(0))
    assert torch.equal(image, crop)
    assert torch.equal(label, (crop == 3).float())


def test_a_tree_is_one_piece_that_spans_all_three_axes(masks_dir: str) -> None:
    spans, whole = [], 0
    for seed in range(10):
        _, mask = SyntheticVessels(masks_dir, 48, trees=(1, 1), scale=(0.9, 1.0)).draw(np.random.default_rng(seed))
        pieces, count = label(mask[0].numpy(), np.ones((3, 3, 3)))
        sizes = np.bincount(pieces.ravel())[1:]
        whole += sizes.max() > 0.9 * sizes.sum()  # a sheet that leaves the crop cuts its tree
        spans.append([np.ptp(axis) for axis in np.nonzero(mask[0].numpy())])
    assert whole >= 5
    assert (np.max(spans, axis=0) > 24).all()  # every axis is spanned by some: the orientation is drawn
    assert np.median(np.min(spans, axis=1)) > 4  # a flat tree would have a thickness of 1 or 2 voxels


def test_draws_are_a_function_of_the_generator_alone(masks_dir: str) -> None:
    synthetic_vessels = SyntheticVessels(masks_dir, SIDE)
    first, again, other = (synthetic_vessels.draw(np.random.default_rng(seed))[0] for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_more_trees_are_denser(masks_dir: str) -> None:
    def density(trees: tuple[int, int]) -> float:
        synthetic_vessels = SyntheticVessels(masks_dir, SIDE, trees=trees)
        return float(
            np.mean([synthetic_vessels.draw(np.random.default_rng(seed))[1].float().mean() for seed in range(8)])
        )

    assert density((4, 4)) > 2 * density((1, 1))


def test_contrast_ranges_from_faint_to_trunk(masks_dir: str) -> None:
    synthetic_vessels = SyntheticVessels(masks_dir, SIDE, trees=(1, 1))
    brightest = [synthetic_vessels.draw(np.random.default_rng(seed))[0].max().item() for seed in range(30)]
    assert min(brightest) < 0.5 and max(brightest) > 2


def test_normalised_intensities_stay_in_their_range(masks_dir: str) -> None:
    image, _, _ = SyntheticVessels(masks_dir, SIDE, trees=(3, 3))(4.9 * tissue(), np.random.default_rng(0))
    assert image.max() == 5


def test_masks_of_a_few_pixels_do(tmp_path: Path) -> None:
    mask = np.zeros((400, 400), dtype=np.uint8)
    mask[200:204, 200:245] = 255  # most patches of it hold nothing
    Image.fromarray(mask).save(tmp_path / "dash.png")
    synthetic_vessels = SyntheticVessels(str(tmp_path), SIDE, trees=(1, 1), scale=(0.1, 0.1))
    for seed in range(5):
        signal, mask = synthetic_vessels.draw(np.random.default_rng(seed))
        assert torch.isfinite(signal).all() and signal.min() >= 0 and mask.dtype == torch.bool


def test_neighbours_of_a_bent_line() -> None:
    pixels = np.array([[0, 0], [0, 1], [1, 2], [2, 1], [4, 4]])
    assert sorted(map(tuple, neighbours(pixels, (5, 5)).tolist())) == [(0, 1), (1, 2), (2, 3)]


@pytest.mark.parametrize("trees", [(-1, 1), (2, 1)])
def test_numbers_of_trees_that_are_no_range_raise(trees: tuple[int, int], masks_dir: str) -> None:
    with pytest.raises(ValueError, match="trees"):
        SyntheticVessels(masks_dir, SIDE, trees=trees)
