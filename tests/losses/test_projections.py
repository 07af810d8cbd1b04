import pytest
import torch

from scripts.losses.projections import maximum_intensity_projections


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 4), (4, 4, 4)])
@pytest.mark.parametrize("number", [1, 3])
def test_projections_match_the_slow_reference(number: int, shape: tuple[int, int, int]) -> None:
    volume = torch.rand(number, 1, *shape, generator=torch.Generator().manual_seed(0))
    depth, height, width = shape
    along_depth, along_height, along_width = maximum_intensity_projections(volume)
    assert along_depth.shape == (number, 1, height, width)
    assert along_height.shape == (number, 1, depth, width)
    assert along_width.shape == (number, 1, depth, height)
    for n in range(number):
        m = volume[n, 0].tolist()
        for d in range(depth):
            for h in range(height):
                assert along_width[n, 0, d, h] == max(volume[n, 0, d, h].tolist())
                for w in range(width):
                    assert along_depth[n, 0, h, w] == max(m[k][h][w] for k in range(depth)) if d == 0 else True
                    assert along_height[n, 0, d, w] == max(m[d][k][w] for k in range(height)) if h == 0 else True


def test_gradient_reaches_the_brightest_voxel_only() -> None:
    volume = torch.tensor([[0.1, 0.9], [0.4, 0.2]]).reshape(1, 1, 2, 1, 2).requires_grad_()
    maximum_intensity_projections(volume)[0].sum().backward()  # along D
    assert volume.grad.flatten().tolist() == [0.0, 1.0, 1.0, 0.0]
