from pathlib import Path

import numpy as np
import torch
from ignite.engine import Engine
from PIL import Image

from scripts.handlers.mip_preview import GAP, MipPreview


def test_every_epoch_shows_references_above_projections(tmp_path: Path) -> None:
    references = torch.zeros(3, 1, 6, 6)
    references[:, :, 2] = 1
    projections = torch.full((12, 1, 6, 6), 0.5)

    def iteration(engine: Engine, batch: dict) -> dict:
        return {"projection": projections * (engine.state.epoch - 1)}

    engine = Engine(iteration)
    MipPreview(str(tmp_path / "previews")).attach(engine)
    engine.run([{"reference": references}], max_epochs=2)
    pictures = {path.name: np.asarray(Image.open(path)) for path in (tmp_path / "previews").iterdir()}
    assert sorted(pictures) == ["epoch_0001.png", "epoch_0002.png"]
    side = 6 + GAP
    for picture, brightness in zip((pictures["epoch_0001.png"], pictures["epoch_0002.png"]), (0, 127)):
        assert picture.shape == (2 * side, 3 * side)  # as many columns as there are references
        above, below = picture[:6, :6], picture[side : side + 6, :6]
        assert (above[2] == 255).all() and (above[[0, 1, 3, 4, 5]] == 0).all()
        assert (below == brightness).all()
