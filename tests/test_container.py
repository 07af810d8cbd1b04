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

from scripts.zoo_kit import WEIGHTS
from tests.bids_tree import bids_tree
from tests.run_inference import ROOT, summary

LINES = (ROOT / "Containerfile").read_text().splitlines()
DEFINITION = (ROOT / "apptainer.def").read_text()
SETTINGS = dict(pair.split("=") for line in LINES if line.startswith("ENV ") for pair in line.split()[1:])
BESIDE = Path(sys.executable).parent  # where an environment keeps its commands
HADOLINT = shutil.which("hadolint", path=f"{BESIDE}{os.pathsep}{os.environ['PATH']}")


def inside(settings: dict[str, str], bundle: Path, folder: Path) -> dict[str, str]:
    """What a process of the image finds: the bundle is in a folder of the test, and its user has no name."""
    site = folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text("import pwd\n\npwd.getpwuid = {}.__getitem__\n")
    if sys.version_info >= (3, 11):  # as the images have; before, a package in the working folder comes first
        (folder / "scripts").mkdir()
        (folder / "scripts" / "__init__.py").touch()
    paths = settings["PYTHONPATH"].replace("/opt/vessel_sld_segmentation", str(bundle))
    return {"PATH": os.environ["PATH"], **settings, "PYTHONPATH": f"{site}{os.pathsep}{paths}"}


def copied(prefix: Path) -> None:
    for line in LINES:
        if line.startswith("COPY "):
            *sources, target = line.split()[1:]
            if target.endswith("/"):
                (prefix / target).mkdir(exist_ok=True)
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
    bids_tree(tmp_path / "in")
    places = ["in", "out", "participant", "--skip-bids-validation"]
    small = ["--participant-label", "02", "--window", "[32, 32, 32]", "--brain_mask", "none"]
    command = [sys.executable, *entry[1:], *places, *small]
    environment = {**inside(SETTINGS, prefix, tmp_path), "HOME": str(home), "MPLCONFIGDIR": str(home)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [row["status"] for row in summary(tmp_path / "out").values()] == ["done"]
    assert sorted(prefix.rglob("*")) == before


def test_the_apptainer_image_sets_the_same_but_the_home_and_runs_in_any_folder(tmp_path: Path) -> None:
    sections = dict(re.findall(r"^%(\w+)\n(.*?)(?=^%|\Z)", DEFINITION, re.M | re.S))
    settings = dict(pair.split("=") for pair in re.findall(r"\S+=\S+", sections["environment"]))
    assert {**settings, "HOME": "/tmp"} == SETTINGS
    environment = inside(settings, ROOT, tmp_path)
    environment["PATH"] = f"{BESIDE}{os.pathsep}{environment['PATH']}"
    command = ["sh", "-c", sections["runscript"], "runscript", "--version"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", done.stdout), done.stderr


def test_no_root_no_moving_base_and_the_readmes_own_installation() -> None:
    text = "\n".join(LINES)
    assert re.search(r"^USER 1000", text, re.M)
    assert re.search(r"^FROM python:3\.\d+\.\d+-", text, re.M)
    for file in ("Containerfile", "apptainer.def"):
        assert "pip install" in (ROOT / file).read_text() and "-r requirements.txt" in (ROOT / file).read_text()


def test_of_the_weights_in_a_working_copy_the_shipped_ones_alone_are_in_the_image() -> None:
    (line,) = (line for line in LINES if line.startswith("COPY models"))
    assert set(line.split()[1:-1]) == {f"models/{name}" for name in WEIGHTS}


def test_both_images_hold_the_same() -> None:
    for line in LINES:
        for source in line.split()[1:-1] if line.startswith("COPY ") else ():
            assert f"    {source} /opt/vessel_sld_segmentation/{source}\n" in DEFINITION
    base = next(line.split()[1] for line in LINES if line.startswith("FROM"))
    assert f"From: {base}\n" in DEFINITION


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_the_linter_has_nothing_to_say() -> None:
    done = subprocess.run([str(HADOLINT), str(ROOT / "Containerfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
