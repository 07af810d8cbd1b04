import numpy as np
import pytest
from PIL import Image

from scripts.benchmark.apart import Cost
from scripts.benchmark.growth_plot import write_growth_plot


def test_both_curves_are_in_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    growth = [(1.0, Cost(5, 4, 100, 150)), (2.0, Cost(9, 8, 100, 180))]
    write_growth_plot(tmp_path / "growth.png", "ours", growth)
    picture = np.asarray(Image.open(tmp_path / "growth.png").convert("RGB")).astype(int)  # (H, W, 3)
    blue = picture[..., 2] - picture[..., 0] > 60  # matplotlib's first colour
    left, right = np.array_split(blue, 2, axis=1)
    assert left.sum() > 100 and right.sum() > 100
    assert [path.name for path in tmp_path.iterdir()] == ["growth.png"]
