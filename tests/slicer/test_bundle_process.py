"""What the module for 3D Slicer does outside Slicer."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scripts.checks.overrides import checked_overrides
from scripts.slicer.VesselSLDLib.bundle_process import bundle_command, bundle_python, failure, found_mask, run
from tests.run_inference import ROOT

FAILED = """09:00:00 INFO scans
scan: failed
1 case(s) failed, see summary.csv:
scan: scan.nii.gz: all voxels are equal.
"""


def test_the_command_gives_keys_that_inference_has() -> None:
    command = bundle_command("python", Path("/t/scan.nii.gz"), Path("/t/out"), {"threshold": 0.25})
    assert command[:4] == ["python", "-m", "monai.bundle", "run"]
    given = dict(zip((word.removeprefix("--") for word in command[4::2]), command[5::2]))
    assert given.pop("config_file") == str(ROOT / "configs" / "inference.yaml")
    checked_overrides([str(ROOT / "configs" / "inference.yaml")], given)
    assert given["bundle_root"] == str(ROOT) and given["threshold"] == "0.25"
    assert given["dataset_dir"] == "/t/scan.nii.gz" and given["output_dir"] == "/t/out"


@pytest.mark.parametrize("place", [".venv/bin/python", ".venv/Scripts/python.exe"])
def test_the_environment_of_the_bundle_is_found(tmp_path: Path, place: str) -> None:
    assert bundle_python(tmp_path) is None
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).touch()
    assert bundle_python(tmp_path) == tmp_path / place


def test_every_line_is_shown_bars_too() -> None:
    lines: list[str] = []
    code = r"import sys; sys.stderr.write('10%\r90%\r'); sys.stderr.flush(); print('done')"
    run([sys.executable, "-c", code], os.environ, lines.append)
    assert lines == ["10%", "90%", "done"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ([sys.executable, "-c", f"print({FAILED!r}); raise SystemExit(1)"], "scan: scan.nii.gz: all voxels are equal."),
        ([sys.executable, "-c", "raise SystemExit('thresold: is not a key of inference.yaml')"], "thresold: is not a"),
        ([sys.executable, "-I", "-S", "-m", "monai.bundle", "run"], "install the bundle's requirements.txt into it"),
        (["/no/python"], "'/no/python' cannot be started"),
        ([""], "choose the Python of the bundle"),
    ],
)
def test_failures_are_told(command: list[str], message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        run(command, os.environ, lambda _: None)


def test_a_silent_end_is_told_too() -> None:
    assert failure([], -9) == "The command ended with status -9 and said nothing."
    assert failure(["a", "last", ""], 1) == "last"


def test_the_mask_is_found(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="holds 0 masks"):
        found_mask(tmp_path)
    (tmp_path / "scan_vessels.nii.gz").touch()
    (tmp_path / "scan_probability.nii.gz").touch()
    assert found_mask(tmp_path) == tmp_path / "scan_vessels.nii.gz"
    (tmp_path / "b_vessels.nii.gz").touch()
    with pytest.raises(RuntimeError, match="holds 2 masks"):
        found_mask(tmp_path)


def test_slicers_python_needs_the_standard_library_alone() -> None:
    folder = ROOT / "scripts" / "slicer"
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); import VesselSLDLib.bundle_process"
    run([sys.executable, "-I", "-S", "-c", code], os.environ, lambda _: None)
