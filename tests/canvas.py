"""What a page draws."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def canvas(browser):
    """Colours of the 3D view, (H, W, 3)."""
    box = browser.run("(({x, y, width, height}) => [x, y, width, height])(canvas.getBoundingClientRect())")
    picture = Image.open(io.BytesIO(browser.screenshot())).convert("RGB")
    x, y, width, height = box
    return np.asarray(picture.crop((int(x), int(y), int(x + width), int(y + height)))).astype(int)


def is_red(colours):
    return (colours[..., 0] > 120) & (colours[..., 1] < 60) & (colours[..., 2] < 60)


def is_grey(colours):
    return (np.ptp(colours, axis=-1) < 10) & (colours[..., 0] > 30)
