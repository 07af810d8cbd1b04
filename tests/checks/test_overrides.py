"""What a command misspells is refused, by every config and before any work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from monai.bundle import ConfigWorkflow, run

from scripts.checks.overrides import checked_overrides
from scripts.checks.workflow import CheckedWorkflow
from scripts.io.user_error import UserError

ROOT = Path(__file__).parents[2]
CONFIGS = {path: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "configs").glob("*.yaml"))}
ALONE = [path for path, config in CONFIGS.items() if {"run", "bundle_root"} <= config.keys()]
BASE = """
threshold: 0.5
graph: true
output_dir: out
inferer: {_target_: SlidingWindowInferer, roi_size: 32, overlap: '@overlap', progress: false}
overlap: 0.25
sizes: [1, 2]
weights: {entropy: 0.1}
done: null
run:
- _target_: vessel_sld.take_over
- "$open(@done, 'w').write(repr((@graph, @inferer.progress, @threshold)))"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config that leaves a file `done` with some of its settings when it is run, and an overlay."""
    (tmp_path / "overlay.yaml").write_text("extent: 0.25\n")
    (tmp_path / "base.yaml").write_text(BASE)
    return tmp_path / "base.yaml"


def refusal(config_file: Any, **overrides: Any) -> str:
    """The reason why a command is refused."""
    with pytest.raises(UserError) as error:
        CheckedWorkflow(config_file, logging_file=False, **overrides)
    return str(error.value)


def run_checked(config_file: Any, **overrides: Any) -> None:
    run(config_file=config_file, logging_file=False, workflow_name=CheckedWorkflow, **overrides)


def test_every_run_begins_with_the_check() -> None:
    runs = [config["run"] for config in CONFIGS.values() if "run" in config]
    begun = [config["initialize"] for config in CONFIGS.values() if "@seed" in str(config.get("initialize"))]
    assert len(runs) > 10 and len(begun) == 3  # a seed is used before the run
    assert all(steps[0] == {"_target_": "vessel_sld.take_over"} for steps in [*runs, *begun])


@pytest.mark.parametrize("path", ALONE, ids=lambda path: path.stem)
def test_every_config_refuses_a_key_that_it_does_not_have(path: Path) -> None:
    assert f"--bundle_rot is not a key of {path}. Did you mean --bundle_root?" in refusal(
        str(path), bundle_rot=str(ROOT)
    )


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("treshold", "threshold"),
        ("logging_fil", "logging_file"),
        ("inferer#roi_siz", "inferer#roi_size"),
        ("inferer#sw_batch_siz", "inferer#sw_batch_size"),  # the inferer takes it, though the config does not give it
        ("weights::entrop", "weights#entropy"),
        ("+weight", "weights"),
    ],
)
def test_the_nearest_key_is_named_and_nothing_is_run(config: Path, key: str, nearest: str) -> None:
    reason = refusal(str(config), **{key: 1, "done": str(config.parent / "done")})
    assert f"Did you mean --{nearest}?" in reason
    assert not (config.parent / "done").exists()


@pytest.mark.parametrize("value", [20240101, 2024_01, 1e3, ["a", "b"], True])
def test_names_that_the_command_line_takes_for_something_else_are_refused(config: Path, value: Any) -> None:
    reason = refusal(str(config), output_dir=value)
    assert reason.startswith("--output_dir must be the name of a file or folder") and "./NAME" in reason


def test_keys_of_all_the_configs_given_are_known(config: Path) -> None:
    files = [str(config), str(config.with_name("overlay.yaml"))]
    done = str(config.parent / "done")
    assert "--extent is not a key" in refusal(files[0], extent=0.5)
    assert f"--extnt is not a key of {files[0]}, {files[1]}. Did you mean --extent?" in refusal(files, extnt=0.5)
    nested = {"weights#entropy": 1.0, "sizes#0": 3, "inferer#sw_batch_size": 2, "weights": {"new": 1}}
    run_checked(files, extent=0.5, done=done, run_id="run", workflow_type="infer", **nested)
    assert Path(done).exists()


def test_strings_that_say_true_or_false_are_booleans_in_the_run(config: Path) -> None:
    done = config.parent / "done"
    run_checked(str(config), done=str(done), graph="false", **{"inferer#progress": "False"})
    assert done.read_text() == "(False, False, 0.5)"
    run_checked(str(config), done=str(done), graph="TRUE", **{"inferer#progress": "true"})
    assert done.read_text() == "(True, True, 0.5)"
    (config.parent / "overlay.yaml").write_text("graph: 'FALSE'\n")  # a string in a file of the user's own
    run_checked([str(config), str(config.parent / "overlay.yaml")], done=str(done))
    assert done.read_text() == "(False, False, 0.5)"


def test_an_override_deep_in_the_config_has_the_type_of_the_option_that_it_replaces(config: Path) -> None:
    assert "--inferer#overlap must be a number from 0 to" in refusal(str(config), **{"inferer#overlap": "x"})
    inference = str(ROOT / "configs/inference.yaml")
    assert "#threshold must be a number" in refusal(inference, **{"displayable_configs#threshold": 40})
    assert "#half_maximum" not in refusal(inference, **{"handlers#1#graph": "perhaps"})


def test_a_none_that_monai_would_leave_out_is_refused_where_nothing_is_no_value(config: Path) -> None:
    assert "--threshold must be a number greater than 0, at most 1, not None" in refusal(str(config), threshold=None)
    assert "'$None'" in refusal(str(config), **{"inferer#roi_size": None})
    train = str(ROOT / "configs/train.yaml")
    for value in (None, "null"):
        workflow = CheckedWorkflow(train, logging_file=False, vessel_prior=value)
        assert workflow.parser["vessel_prior"] is None


def test_paths_expand_the_user_and_variables(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("PLACE", "/data")
    for given, meant in (("~/x", "/home/me/x"), ("$PLACE/x", "/data/x"), ("${PLACE}", "/data"), ("./~x", "./~x")):
        assert CheckedWorkflow(str(config), logging_file=False, output_dir=given).parser["output_dir"] == meant
    expression = "$@done + '/x'"
    assert CheckedWorkflow(str(config), logging_file=False, output_dir=expression).parser["output_dir"] == expression


def test_a_plain_workflow_made_in_python_is_not_checked(config: Path) -> None:
    workflow = ConfigWorkflow(str(config), logging_file=False, done=str(config.parent / "done"), new=1)
    workflow.initialize()
    workflow.run()
    assert (config.parent / "done").exists()


def test_the_error_of_a_run_is_the_users_and_not_monais(config: Path) -> None:
    check = {"_target_": "scripts.checks.check_weights.check_weights", "path": "gone.pt", "network": None}
    config.write_text(BASE.split("run:")[0] + yaml.dump({"run": [check]}))
    with pytest.raises(UserError, match="gone.pt: no such file"):
        run_checked(str(config))


def test_keys_of_experiment_tracking_are_known(config: Path) -> None:
    assert checked_overrides(str(config), {"experiment_name": "a"}, "mlflow") == {"experiment_name": "a"}
    with pytest.raises(UserError, match="experiment_name is not a key"):
        checked_overrides(str(config), {"experiment_name": "a"})
