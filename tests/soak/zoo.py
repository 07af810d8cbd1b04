"""The distributed test of the Model Zoo, with its processes; it takes a minute or two."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from scripts import zoo_kit


def test_the_distributed_test_passes(tmp_path: Path) -> None:
    zoo_kit.write_submission(tmp_path)
    command = [sys.executable, "-W", "ignore", "-m", "unittest", "test_vessel_sld_segmentation_dist"]
    tests = str(tmp_path / "ci" / "unit_tests")
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": tests}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
