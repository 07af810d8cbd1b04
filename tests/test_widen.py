import json
from pathlib import Path

import pytest
import torch

from scripts.checks.check_weights import check_weights
from scripts.networks.vessel_unet import VesselSegmenter
from scripts.widen import main


def test_the_command_leaves_weights_that_are_taken(tmp_path: Path) -> None:
    start, wider = tmp_path / "model.pt", tmp_path / "wider" / "model.pt"
    torch.save(VesselSegmenter((2, 2, 2, 2, 2)).state_dict(), start)
    start.with_suffix(".json").write_text(json.dumps({"spacing": 0.6, "channels": [2, 2, 2, 2, 2]}))
    assert main([str(start), str(wider), "2", "2", "3", "4", "5"]) == 0
    needs = {"spacing": 0.6, "channels": [2, 2, 3, 4, 5]}
    assert json.loads(wider.with_suffix(".json").read_text()) == needs
    check_weights(str(wider), VesselSegmenter((2, 2, 3, 4, 5)), needs)


def test_what_is_wrong_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wider = tmp_path / "wider.pt"
    assert main([str(tmp_path / "none.pt"), str(wider), "2", "2", "3", "4", "5"]) == 1
    assert "none.pt: no such file" in capsys.readouterr().err
    torch.save(VesselSegmenter((2, 2, 2, 2, 2)).state_dict(), tmp_path / "model.pt")
    assert main([str(tmp_path / "model.pt"), str(wider), "2", "2", "1", "4", "5"]) == 1
    assert "none below [2, 2, 2, 2, 2]" in capsys.readouterr().err
    assert not wider.exists()
