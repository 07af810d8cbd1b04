from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from scripts.datasets.crop_and_overlap import CropAndOverlap
from scripts.datasets.reference_masks import ReferenceMasks


def write_mask(path: Path, spacing: int) -> None:
    """Parallel vessels, 3 pixels wide."""
    mask = np.zeros((90, 110), dtype=np.uint8)
    for row in range(0, 90, spacing):
        mask[row : row + 3] = 255
    Image.fromarray(mask).save(path)


@pytest.fixture
def one_mask(tmp_path: Path) -> str:
    write_mask(tmp_path / "a.png", 20)
    return str(tmp_path)


@pytest.fixture
def three_masks(one_mask: str) -> str:
    write_mask(Path(one_mask) / "b.png", 12)
    write_mask(Path(one_mask) / "c.png", 8)
    return one_mask


def test_one_mask_gives_the_papers_24_binary_references(one_mask: str) -> None:
    references = ReferenceMasks(one_mask, CropAndOverlap(48)).draw_share((0, 0))
    assert references.shape == (24, 1, 48, 48)
    assert references.dtype == torch.float32
    assert set(references.unique().tolist()) == {0.0, 1.0}
    assert len({tuple(reference.flatten().tolist()) for reference in references}) == 24  # no one like another


def test_soft_references_stay_between_zero_and_one(three_masks: str) -> None:
    crop_and_overlap = CropAndOverlap(32, soft_edge=1.0, intensity=(0.4, 1.0))
    references = ReferenceMasks(three_masks, crop_and_overlap, count=4).draw_share((0, 0))
    assert references.min() >= 0 and references.max() <= 1
    assert len(references.unique()) > 10


def test_a_share_is_a_function_of_the_seed(three_masks: str) -> None:
    references = ReferenceMasks(three_masks, CropAndOverlap(32), count=4)
    first = references.draw_share((3, 5, 1))
    references.draw_share((3, 6, 1))
    assert torch.equal(references.draw_share((3, 5, 1)), first)
    assert torch.equal(ReferenceMasks(three_masks, CropAndOverlap(32), count=4).draw_share((3, 5, 1)), first)
    for other in ((3, 6, 1), (4, 5, 1)):
        assert not torch.equal(references.draw_share(other), first)


@pytest.mark.parametrize("processes", [2, 3, 6])
def test_the_shares_of_all_processes_are_the_references_of_one(processes: int, three_masks: str) -> None:
    references = ReferenceMasks(three_masks, CropAndOverlap(32), count=6)
    whole = references.draw_share((0, 7))
    shares = [references.draw_share((0, 7), rank, processes) for rank in range(processes)]
    for slot in range(6):
        assert torch.equal(shares[slot % processes][slot // processes], whole[slot])


def test_processes_that_cannot_share_evenly_raise(one_mask: str) -> None:
    with pytest.raises(ValueError, match="divisible by 5"):
        ReferenceMasks(one_mask, CropAndOverlap(32)).draw_share((0, 0), 0, 5)


@pytest.mark.parametrize(("limit", "expected"), [(None, 3), (1, 1), (2, 2), (9, 3)])
def test_limit_takes_the_first_masks(limit: int | None, expected: int, three_masks: str) -> None:
    assert len(ReferenceMasks(three_masks, CropAndOverlap(32), limit=limit).masks) == expected


def test_a_folder_without_masks_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ReferenceMasks(str(tmp_path), CropAndOverlap(32))
