import pytest
import torch

from scripts.inferers.slab_stitcher import SlabStitcher

CORNERS = [(0, 0, 0), (0, 2, 1), (1, 1, 3), (1, 0, 0), (4, 2, 3), (6, 0, 1), (6, 2, 3)]


def stitched(result: torch.Tensor, corners) -> tuple[torch.Tensor, torch.Tensor]:
    """By SlabStitcher, and in sums over the whole volume."""
    generator = torch.Generator().manual_seed(0)
    weights = torch.rand(4, 3, 2, generator=generator) + 0.1
    sums, total = torch.zeros(10, 5, 5), torch.zeros(10, 5, 5)
    stitcher = SlabStitcher(result, weights)
    for corner in corners:
        prediction = torch.rand(4, 3, 2, generator=generator)
        stitcher.add(prediction, corner)
        place = tuple(slice(start, start + side) for start, side in zip(corner, weights.shape))
        sums[place] += prediction * weights
        total[place] += weights
    stitcher.finish()
    return result, torch.where(total > 0, sums / total, 0)


@pytest.mark.parametrize("corners", [CORNERS, CORNERS[:1], CORNERS[4:], [(0, 0, 0), (6, 1, 1)], []])
def test_equals_sums_over_the_whole_volume(corners):
    result, expected = stitched(torch.zeros(10, 5, 5), corners)
    torch.testing.assert_close(result, expected)


def test_keeps_sums_in_float32_whatever_the_result():
    result, expected = stitched(torch.zeros(10, 5, 5, dtype=torch.float16), CORNERS)
    assert result.dtype == torch.float16
    torch.testing.assert_close(result.float(), expected, atol=5e-4, rtol=0)  # one rounding to float16


def test_holds_two_slabs():
    stitcher = SlabStitcher(torch.zeros(10, 5, 5), torch.ones(4, 3, 2))
    assert stitcher.sums.shape == stitcher.total.shape == (4, 5, 5)
