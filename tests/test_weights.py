import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from scripts.checks.check_weights import check_weights
from scripts.networks.vessel_unet import VesselSegmenter
from scripts.weights import main

ROOT = Path(__file__).parents[1]
WIDTHS = (2, 2, 2, 2, 2)


def write(path: Path, channels: tuple[int, ...] = WIDTHS, seed: int = 0) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    state = VesselSegmenter(channels).state_dict()
    torch.save(state, path)
    path.with_suffix(".json").write_text(json.dumps({"spacing": 0.6, "channels": list(channels)}))
    return state


def test_wider_weights_are_taken(tmp_path: Path) -> None:
    wider = tmp_path / "wider" / "model.pt"
    write(tmp_path / "model.pt")
    command = [sys.executable, "-m", "scripts.weights", "widen", str(tmp_path / "model.pt"), str(wider), *"22345"]
    subprocess.run(command, check=True, cwd=ROOT)
    needs = {"spacing": 0.6, "channels": [2, 2, 3, 4, 5]}
    assert json.loads(wider.with_suffix(".json").read_text()) == needs
    check_weights(str(wider), VesselSegmenter((2, 2, 3, 4, 5)), needs)


def test_the_average_lies_in_the_middle(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.pt" for name in ("start", "later", "other")]
    states = [write(file, seed=seed) for seed, file in enumerate(files)]
    files[0].with_suffix(".json").write_text('{"spacing": 0.6, "threshold": 0.3}')  # as of shipped weights
    for count in (2, 3):
        mean = tmp_path / f"mean_of_{count}.pt"
        assert main(["average", *map(str, files[:count]), str(mean)]) == 0
        found = torch.load(mean, weights_only=True)
        assert found.keys() == states[0].keys()
        for key, tensor in found.items():
            assert tensor.dtype == states[0][key].dtype
            if tensor.is_floating_point():
                torch.testing.assert_close(tensor, sum(state[key] for state in states[:count]) / count)
        check_weights(str(mean), VesselSegmenter(WIDTHS), {"spacing": 0.6, "channels": list(WIDTHS)})


def test_what_is_wrong_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start, wide, result = tmp_path / "model.pt", tmp_path / "wide.pt", tmp_path / "result.pt"
    write(start)
    write(wide, (2, 2, 2, 2, 3))
    other = tmp_path / "other.pt"
    write(other)
    other.with_suffix(".json").write_text('{"spacing": 0.8}')
    for arguments, message in [
        (["widen", str(tmp_path / "none.pt"), str(result), *"22345"], "none.pt: no such file"),
        (["widen", str(start), str(result), *"22145"], r"none below [2, 2, 2, 2, 2]"),
        (["average", str(start), str(wide), str(result)], "are of different networks"),
        (["average", str(start), str(other), str(result)], f"{start} and {other} are of different networks"),
    ]:
        assert main(arguments) == 1
        assert message in capsys.readouterr().err
        assert not result.exists()
