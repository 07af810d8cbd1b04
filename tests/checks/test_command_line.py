"""`python -m monai.bundle run` itself: what it refuses, its last words and its exit status."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts.checks import command_line
from scripts.checks.command_line import command_arguments, is_command, run_checked, take_over
from tests.monai_command import monai_command

ROOT = Path(__file__).parents[2]
INFERENCE = str(ROOT / "configs/inference.yaml")


def command(*words: str, cwd: Path, python: tuple[str, ...] = ("-m", "monai.bundle", "run")) -> tuple[int, list[str]]:
    """Exit status and what the command printed, line by line, errors after all else."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    return _answer(
        subprocess.run(
            [sys.executable, *python, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
        )
    )


def quick_command(*words: str, cwd: Path) -> tuple[int, list[str]]:
    """The same, without starting Python anew."""
    return _answer(monai_command(*words, cwd=cwd))


def _answer(done: subprocess.CompletedProcess) -> tuple[int, list[str]]:
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()


def test_a_misspelt_key_is_refused_from_any_directory(tmp_path: Path) -> None:
    status, lines = command("--config_file", INFERENCE, "--treshold=0.4", cwd=tmp_path)
    assert status == 1
    assert lines[-1] == f"--treshold is not a key of {INFERENCE}. Did you mean --threshold? Nothing has been run."
    assert not any("Traceback" in line for line in lines)
    assert not list(tmp_path.iterdir())


def test_a_misspelt_key_in_a_file_of_arguments_is_refused(tmp_path: Path) -> None:
    (tmp_path / "arguments.yaml").write_text(yaml.dump({"config_file": [INFERENCE], "treshold": 0.4}))
    status, lines = quick_command("--args_file", "arguments.yaml", "--output_dir", "out", cwd=tmp_path)
    assert status == 1 and "Did you mean --threshold?" in lines[-1]
    assert {path.name for path in tmp_path.iterdir()} == {"arguments.yaml"}


@pytest.mark.parametrize(
    ("config", "options", "message"),
    [
        ("train", ["--seed", "abc"], "--seed must be a whole number, 0 or more, not 'abc'. Nothing has been run."),
        ("train", ["--dataset_dir", "nowhere"], "no such file or folder; give --dataset_dir a folder of scans."),
        ("inference", ["--dataset_dir", "missing.json"], "scan.nii: named in .*missing.json, but not there."),
        ("inference", ["--dataset_dir", "keyless.json"], "keyless.json: the entry {'img': 'scan.nii'} has no 'image'."),
        ("inference", ["--dataset_dir", "broken.json"], "broken.json: not a JSON file (.*)."),
        ("simulate", ["--trees", "nowhere"], "nowhere: no such folder of SWC files."),
        ("score", ["--labels_dir", "nowhere", "--predictions_dir", "."], "nowhere: no such folder."),
        ("score", ["--labels_dir", "labels", "--predictions_dir", "labels"], "cannot read labels/a.nii.gz: .*?"),
    ],
)
def test_what_was_given_wrong_is_said_in_a_sentence(
    tmp_path: Path, config: str, options: list[str], message: str
) -> None:
    (tmp_path / "missing.json").write_text('["scan.nii"]')
    (tmp_path / "keyless.json").write_text('[{"img": "scan.nii"}]')
    (tmp_path / "broken.json").write_text("[")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.nii.gz").write_text("no scan")
    files = str(ROOT / "configs" / f"{config}.yaml")
    status, lines = quick_command("--config_file", files, "--output_dir", "out", *options, cwd=tmp_path)
    assert status == 1
    assert not any("Traceback" in line for line in lines), lines
    assert re.search(re.escape(message).replace(r"\.\*", ".*") + "$", lines[-1]), lines


def test_a_package_called_scripts_in_the_working_directory_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/__init__.py").touch()
    (tmp_path / "scores").mkdir()
    words = ["--config_file", str(ROOT / "configs/tables.yaml"), "--scores_dir=$SCORES_PARENT/scores"]
    monkeypatch.setenv("SCORES_PARENT", str(tmp_path))
    status, lines = command(*words, cwd=tmp_path)
    assert status == 0, lines
    assert (tmp_path / "scores/tables.md").is_file()


def test_the_scripts_of_another_bundle_in_the_same_process_are_named(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/__init__.py").touch()
    code = f"import scripts; from monai.bundle import run; run(config_file={INFERENCE!r}, output_dir='out')"
    status, lines = command(cwd=tmp_path, python=("-c", code))
    assert status == 1
    assert f"has imported the package `scripts` of {tmp_path / 'scripts'}, which hides that of {ROOT}" in lines[-1]
    assert "restart the process or notebook kernel" in lines[-1]


def test_arguments_are_what_monai_would_get(tmp_path: Path) -> None:
    (tmp_path / "arguments.yaml").write_text("config_file: [a.yaml]\nthreshold: 0.3\nloss_weights: {entropy: 1}\n")
    words = ["run", "training", "--args_file", str(tmp_path / "arguments.yaml"), "--threshold", "0.4"]
    words += ["--loss_weights", "{'adversarial': 2}", "--graph=false", "--x#y", "[1,2]", "--tta", "None"]
    assert command_arguments(words) == {
        "run_id": "training",
        "config_file": ["a.yaml"],
        "threshold": 0.4,
        "loss_weights": {"entropy": 1, "adversarial": 2},
        "graph": "false",
        "x#y": [1, 2],
        "tta": None,
    }
    words = ["run_workflow", "--workflow_name", "X", "--config_file", "a.yaml"]
    assert command_arguments(words) == {"workflow_name": "X", "config_file": "a.yaml"}


def test_nothing_is_taken_over_in_other_processes() -> None:
    assert not is_command()
    take_over()


def test_the_command_runs_once_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line, "is_command", lambda: True)
    monkeypatch.setattr(command_line, "taken_over", False)
    monkeypatch.setattr(sys, "argv", ["", "run", "--config_file", "a.yaml"])
    ran: list[dict] = []
    monkeypatch.setattr(command_line, "run_checked", lambda arguments: (ran.append(arguments), take_over(), 3)[-1])
    with pytest.raises(SystemExit, match="3"):
        take_over()
    assert ran == [{"config_file": "a.yaml"}]


@pytest.mark.parametrize(
    ("step", "status", "last"),
    [
        ("$1 + 1", 0, ""),
        ("$(_ for _ in ()).throw(errors.UserError('give another file.'))", 1, "give another file."),
        ("$(_ for _ in ()).throw(errors.Interrupted('stopped.'))", 130, "stopped."),
        ("$(_ for _ in ()).throw(errors.UserError(''))", 1, ""),
        ("$1 / 0", 1, "ZeroDivisionError: division by zero"),
    ],
)
def test_errors_end_in_their_cause_and_their_status(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, step: str, status: int, last: str
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)  # a process group of an earlier test puts ranks in it
    config = {"imports": ["$import scripts.io.user_error as errors"], "run": [step]}
    (tmp_path / "config.yaml").write_text(yaml.dump(config))
    assert run_checked({"config_file": str(tmp_path / "config.yaml"), "logging_file": False}) == status
    printed = capsys.readouterr().err.strip().splitlines()
    assert ([""] + printed)[-1] == last
    assert ("Traceback (most recent call last):" in printed) is last.startswith("Zero")
