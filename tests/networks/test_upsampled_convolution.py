import pytest
import torch
from torch.nn import functional as F

from scripts.networks.upsampled_convolution import upsampled_conv3d


@pytest.mark.parametrize("sides", [(1, 1, 1), (2, 3, 5)])
def test_equals_the_convolution_of_the_enlarged_features(sides):
    torch.manual_seed(0)
    x, kernel = torch.randn(2, 3, *sides, dtype=torch.float64), torch.randn(4, 3, 3, 3, 3, dtype=torch.float64)
    enlarged = x.repeat_interleave(2, 2).repeat_interleave(2, 3).repeat_interleave(2, 4)
    torch.testing.assert_close(upsampled_conv3d(x, kernel), F.conv3d(enlarged, kernel, padding=1))
