import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from monai.data import MetaTensor
from monai.inferers import SlidingWindowInferer

from scripts.inferers import fitted_windows
from scripts.inferers.brain_window_inferer import BrainWindowInferer


class CountingNetwork(torch.nn.Module):
    """A convolution that counts the windows it saw; its answer depends on the whole 5^3 neighbourhood."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.kernel = torch.randn(1, 1, 5, 5, 5, generator=generator) / 11
        self.windows = 0

    def forward(self, x):
        self.windows += len(x)
        return torch.sigmoid(torch.nn.functional.conv3d(x, self.kernel, padding=2))


def scan(shape, brain):
    """(1, 1, D, H, W): positive in the box `brain`, 0 elsewhere."""
    image = torch.zeros(1, 1, *shape)
    image[(..., *[slice(*edges) for edges in brain])] = 0.01 + torch.rand(
        [b - a for a, b in brain], generator=torch.Generator().manual_seed(1)
    )
    return image


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("mode", ["constant", "gaussian"])
def test_equals_the_stock_inferer_inside_the_brain(mode, batch):
    image = scan((50, 40, 30), ((3, 20), (2, 18), (5, 25)))
    arguments = {"roi_size": (16, 16, 16), "sw_batch_size": batch, "overlap": 0.25, "mode": mode}
    ours, stock = CountingNetwork(), CountingNetwork()
    result = BrainWindowInferer(**arguments)(image, ours)
    expected = SlidingWindowInferer(**arguments)(image, stock)
    brain = image != 0
    torch.testing.assert_close(result[brain], expected[brain])
    assert result.shape == image.shape
    # windows start at 0, 12, 24, 34 | 0, 12, 24 | 0, 12, 14: 36; brain is met by the first 2 x 2 x 3 of them
    assert (ours.windows, stock.windows) == (12, 36)


@pytest.mark.parametrize("shape", [(70, 50, 21), (20, 60, 7)])
def test_fitted_windows_equal_the_stock_inferer_with_windows_of_that_size(monkeypatch, shape):
    monkeypatch.setattr(fitted_windows, "LEAST", 16)
    monkeypatch.setattr(fitted_windows, "MOST", 16 * 32 * 32)
    image = scan(shape, tuple((0, side) for side in shape))
    ours, stock = CountingNetwork(), CountingNetwork()
    inferer = BrainWindowInferer("auto", overlap=0.5, mode="gaussian")
    sides, steps = inferer.layout(shape)
    overlap = [(side - step) / side - 1e-6 for side, step in zip(sides, steps)]
    result = inferer(image, ours)
    expected = SlidingWindowInferer(sides, overlap=overlap, mode="gaussian", padding_mode="replicate")(image, stock)
    torch.testing.assert_close(result, expected)
    assert ours.windows == stock.windows > 1


def test_another_word_than_auto_is_refused():
    with pytest.raises(ValueError, match="roi_size is auto or the sides of a window, got automatic"):
        BrainWindowInferer("automatic")


@pytest.mark.parametrize("shape", [(20, 7, 2), (9, 33, 20)])
def test_a_scan_smaller_than_the_window_equals_the_stock_inferer(shape):
    image = scan(shape, tuple((0, side) for side in shape))
    arguments = {"roi_size": (16, 16, 16), "sw_batch_size": 1, "overlap": 0.25, "mode": "gaussian"}
    result = BrainWindowInferer(**arguments)(image, CountingNetwork())
    stock = SlidingWindowInferer(**arguments, padding_mode="replicate")
    torch.testing.assert_close(result, stock(image, CountingNetwork()))


def test_scans_of_a_batch_have_windows_of_their_own():
    one, other = scan((40, 20, 20), ((0, 9), (0, 20), (0, 20))), scan((40, 20, 20), ((30, 40), (0, 9), (0, 9)))
    inferer = BrainWindowInferer(16, overlap=0.25)
    both = inferer(torch.cat([one, other]), CountingNetwork())
    torch.testing.assert_close(both, torch.cat([inferer(one, CountingNetwork()), inferer(other, CountingNetwork())]))


def test_a_scan_without_brain_costs_nothing():
    network = CountingNetwork()
    result = BrainWindowInferer(roi_size=16, mode="gaussian")(torch.zeros(1, 1, 20, 20, 20), network)
    assert network.windows == 0
    assert not result.any()


def test_float16_is_the_result_rounded_once():
    image = scan((40, 20, 20), ((3, 30), (0, 20), (2, 18)))
    exact, rounded = (BrainWindowInferer(16, dtype=dtype)(image, CountingNetwork()) for dtype in ("float32", "float16"))
    assert rounded.dtype == torch.float16
    torch.testing.assert_close(rounded, exact.half(), atol=0, rtol=0)


def test_the_result_has_the_scans_header():
    image = MetaTensor(scan((20, 20, 20), ((0, 20),) * 3), affine=2 * torch.eye(4))
    result = BrainWindowInferer(16)(image, CountingNetwork())
    assert isinstance(result, MetaTensor)
    torch.testing.assert_close(result.affine, image.affine)


def test_an_overlap_of_a_whole_window_is_refused():
    with pytest.raises(ValueError, match="overlap must be at least 0 and less than 1"):
        BrainWindowInferer(16, overlap=1.0)


@pytest.mark.parametrize("silent", [True, False])
def test_tqdm_disable_silences_the_bar(silent):
    code = (
        "import torch; from scripts.inferers.brain_window_inferer import BrainWindowInferer as Inferer\n"
        "Inferer((16, 16, 16), progress=True)(torch.ones(1, 1, 16, 16, 16), torch.nn.Identity())"
    )
    environment = {**os.environ, "TQDM_DISABLE": "1"} if silent else os.environ
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert ("window" in done.stderr) is not silent
