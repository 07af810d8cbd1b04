"""The container's steps, done in an empty folder: the image itself needs an engine that not every machine has."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bids_tree import bids_tree
from tests.run_inference import ROOT, summary

LINES = (ROOT / "Containerfile").read_text().splitlines()
BESIDE = Path(sys.executable).parent  # where an environment keeps its commands
HADOLINT = shutil.which("hadolint", path=f"{BESIDE}{os.pathsep}{os.environ['PATH']}")


def copied(prefix: Path) -> None:
    for line in LINES:
        if line.startswith("COPY "):
            *sources, target = line.split()[1:]
            for source in sources:
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, prefix / target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / source, prefix / target)


def test_what_is_copied_runs_the_entry_point_and_is_not_written_to(tmp_path: Path) -> None:
    prefix, home = tmp_path / "bundle", tmp_path / "home"
    prefix.mkdir()
    home.mkdir()
    copied(prefix)
    before = sorted(prefix.rglob("*"))
    entry = json.loads(next(line for line in LINES if line.startswith("ENTRYPOINT")).removeprefix("ENTRYPOINT"))
    settings = dict(pair.split("=") for pair in next(line for line in LINES if line.startswith("ENV")).split()[1:])
    environment = {"PATH": os.environ["PATH"], **settings, "HOME": str(home), "MPLCONFIGDIR": str(home)}
    places = [str(bids_tree(tmp_path / "in")), str(tmp_path / "out"), "participant", "--skip-bids-validation"]
    small = ["--participant-label", "02", "--window", "[32, 32, 32]", "--brain_mask", "none"]
    command = [sys.executable, *entry[1:], *places, *small]
    done = subprocess.run(command, cwd=prefix, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [row["status"] for row in summary(tmp_path / "out").values()] == ["done"]
    assert sorted(prefix.rglob("*")) == before


def test_no_root_no_moving_base_and_the_readmes_own_installation() -> None:
    text = "\n".join(LINES)
    assert re.search(r"^USER 1000", text, re.M)
    assert re.search(r"^FROM python:3\.\d+\.\d+-", text, re.M)
    for file in ("Containerfile", "apptainer.def"):
        assert "pip install" in (ROOT / file).read_text() and "-r requirements.txt" in (ROOT / file).read_text()


def test_both_images_hold_the_same() -> None:
    definition = (ROOT / "apptainer.def").read_text()
    for line in LINES:
        for source in line.split()[1:-1] if line.startswith("COPY ") else ():
            assert f"    {source} /opt/vessel_sld_segmentation/{source}\n" in definition
    base = next(line.split()[1] for line in LINES if line.startswith("FROM"))
    assert f"From: {base}\n" in definition


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_the_linter_has_nothing_to_say() -> None:
    done = subprocess.run([str(HADOLINT), str(ROOT / "Containerfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
