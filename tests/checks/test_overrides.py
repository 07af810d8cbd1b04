"""What a command line misspells is refused, by every config and before any work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from monai.bundle import ConfigWorkflow, run, run_workflow

ROOT = Path(__file__).parents[2]
RUNNABLE = [path for path in sorted((ROOT / "configs").glob("*.yaml")) if "run" in yaml.safe_load(path.read_text())]
BASE = """
threshold: 0.5
inferer: {_target_: SlidingWindowInferer, roi_size: 32}
sizes: [1, 2]
weights: {entropy: 0.1}
done: null
run:
- _target_: scripts.checks.overrides.refuse_unknown_overrides
- $open(@done, 'w').close()
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config that leaves a file `done` when it is run, and an overlay."""
    (tmp_path / "overlay.yaml").write_text("overlap: 0.25\n")
    (tmp_path / "base.yaml").write_text(BASE)
    return tmp_path / "base.yaml"


def refusal(run_it: Any = run, **arguments: Any) -> str:
    """The reason why a command is refused."""
    with pytest.raises(RuntimeError) as error:
        run_it(logging_file=False, **arguments)
    assert isinstance(error.value.__cause__, ValueError)
    return str(error.value.__cause__)


@pytest.mark.parametrize("path", RUNNABLE, ids=lambda path: path.stem)
def test_every_config_refuses_a_key_that_it_does_not_have(path: Path) -> None:
    assert f"--bundle_rot is not a key of {path}. Did you mean --bundle_root?" in refusal(
        config_file=str(path), bundle_rot=str(ROOT)
    )


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("treshold", "threshold"),
        ("logging_fil", "logging_file"),
        ("inferer#roi_siz", "inferer#roi_size"),
        ("inferer#overlp", "inferer#overlap"),  # the inferer takes it, though the config does not give it
        ("weights::entrop", "weights#entropy"),
        ("+weight", "weights"),
    ],
)
def test_the_nearest_key_is_named_and_nothing_is_run(config: Path, key: str, nearest: str) -> None:
    reason = refusal(config_file=str(config), **{key: 1, "done": str(config.parent / "done")})
    assert f"Did you mean --{nearest}?" in reason
    assert not (config.parent / "done").exists()


@pytest.mark.parametrize("value", [20240101, 2024_01, 1e3, ["a", "b"], True])
def test_names_that_the_command_line_takes_for_something_else_are_refused(tmp_path: Path, value: Any) -> None:
    (tmp_path / "config.yaml").write_text(BASE.replace("sizes", "dataset_dir"))
    reason = refusal(config_file=str(tmp_path / "config.yaml"), dataset_dir=value)
    assert f"--dataset_dir was read as {value!r}" in reason and "write it as ./NAME" in reason


def test_keys_of_all_the_configs_given_are_known(config: Path) -> None:
    files = [str(config), str(config.with_name("overlay.yaml"))]
    done = str(config.parent / "done")
    assert "--overlap is not a key" in refusal(config_file=files[0], overlap=0.5)
    assert f"--overlp is not a key of {files[0]}, {files[1]}. Did you mean --overlap?" in refusal(
        config_file=files, overlp=0.5
    )
    nested = {
        "weights#entropy": 1.0,
        "sizes#0": 3,
        "inferer#_disabled_": True,
        "inferer#progress": True,
        "weights": {"new": 1},
    }
    run(config_file=files, overlap=0.5, done=done, logging_file=False, run_id="run", workflow_type="infer", **nested)
    assert Path(done).exists()


def test_a_file_of_arguments_is_checked_too(config: Path) -> None:
    arguments = config.parent / "arguments.json"
    arguments.write_text(json.dumps({"config_file": str(config), "treshold": 0.4}))
    assert "--treshold is not" in refusal(args_file=str(arguments))
    assert "--treshold is not" in refusal(run_workflow, args_file=str(arguments))


def test_a_workflow_made_in_python_is_not_checked(config: Path) -> None:
    workflow = ConfigWorkflow(str(config), logging_file=False, done=str(config.parent / "done"), new=1)
    workflow.initialize()
    workflow.run()
    assert (config.parent / "done").exists()


def test_the_command_line_from_another_directory(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "monai.bundle", "run", "--config_file", str(ROOT / "configs/inference.yaml")]
    command += ["--bundle_root", str(ROOT), "--output_dir", str(tmp_path / "out"), "--treshold=0.4"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "Did you mean --threshold?" in done.stderr
    assert not list(tmp_path.iterdir())
