"""configs/speed.yaml on a phantom of seconds; in this process: tests/benchmark/test_apart.py has the other."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from monai.bundle import ConfigParser

from scripts.benchmark import speed

ROOT = Path(__file__).parent.parent


def run(output_dir: Path, only: list[str], **settings) -> None:
    config = ConfigParser(ConfigParser.load_config_file(ROOT / "configs" / "speed.yaml"))
    small = {"shape": [40, 36, 32], "spacing": 2.0, "growth": [], "window": [32, 32, 32], "sigmas": [1.0]}
    small["systems#stock#inferer#roi_size"] = [32, 32, 32]
    config.update({"bundle_root": str(ROOT), "output_dir": str(output_dir), "only": only, **small, **settings})
    config.get_parsed_content("benchmark").run()


@pytest.fixture
def measured(monkeypatch) -> list[str]:
    """What is measured."""
    names = []

    def here(work, *args):
        names.append(args[-1] if isinstance(args[-1], str) else "phantom")
        return work(*args)

    monkeypatch.setattr(speed, "measure_apart", here)
    threads = torch.get_num_threads()
    yield names
    torch.set_num_threads(threads)


def test_measures_what_is_missing_and_compares(tmp_path, measured):
    run(tmp_path, ["stock"])
    run(tmp_path, ["stock", "compact", "frangi"], growth=[0.5], growing="compact")
    assert measured == ["phantom", "stock", "phantom", "compact", "compact", "frangi"]
    rows = [line.split(" | ") for line in (tmp_path / "speed.md").read_text().splitlines() if line.startswith("| ")]
    rows = [row for row in rows if not row[0].startswith("| ---")]
    names = [row[0].strip("| ") for row in rows]
    assert names == ["system", "stock", "compact", "frangi", "million voxels", "0.0", "0.0"]
    assert rows[2][-1] == "1.0000 |"  # the same windows, the same vessels
    picture = ["growth.png"] if find_spec("matplotlib") else []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["32x29x25", "40x36x32", *picture, "speed.md"]


def test_an_unknown_system_is_refused(tmp_path):
    with pytest.raises(RuntimeError) as error:  # of MONAI's config, which names the component
        run(tmp_path, ["stok"])
    assert "stok: no such system; there are stock, compact" in str(error.value.__cause__)
