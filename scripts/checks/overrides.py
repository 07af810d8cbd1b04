"""Refuses what a command line misspells."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from pydoc import locate
from typing import Any

from monai.bundle import ConfigParser, ConfigWorkflow, run, run_workflow
from monai.bundle.config_item import ConfigComponent
from monai.bundle.utils import DEFAULT_EXP_MGMT_SETTINGS
from monai.utils import ensure_tuple

from .call_stack import arguments_of_call

WORKFLOW = {*inspect.signature(ConfigWorkflow).parameters, "args_file", "workflow_name"}  # MONAI's own arguments

PATHS = ("ckpt", "pretrained")  # and all that ends in _dir; fire takes 2024_01 for a number, a,b for a list


def refuse_unknown_overrides() -> None:
    """Compare the keys that the running command overrides with those of its configs: the first item of every `run`.

    MONAI adds a key that no config has, and nothing ever reads it. Keys that are new on purpose belong in a config
    file, which is given beside the bundle's. A workflow that Python code makes of a config is not checked.
    """
    arguments = arguments_of_call(run, run_workflow)
    if arguments is not None:
        check_arguments(arguments)


def check_arguments(arguments: dict[str, Any]) -> None:
    """Check the arguments of `monai.bundle.run`: what is not its own must be a key of one of the configs.

    The arguments that the target of a component names are keys too, whether or not a config gives them a value.

    Raises:
        ValueError: a key is unknown, or the name of a file or folder was read as something else.
    """
    given = {key: value for key, value in arguments.items() if value is not None}
    given = {**ConfigParser.load_config_files(given.get("args_file", {})), **given}
    files = given["config_file"]
    config = ConfigParser(ConfigParser.load_config_files(files))
    known = {*_ids(config.get()), *WORKFLOW, *_tracking_keys(given.get("tracking"))}
    for argument in {**arguments, **given}:
        key = argument.removeprefix("+").replace("::", "#")
        component, _, name = key.rpartition("#")
        if name in ConfigComponent.non_arg_keys:  # such as _disabled_
            continue
        if key not in known:
            known |= {f"{component}#{taken}" for taken in _arguments_of(config.get(component))}
        if key not in known:
            nearest = get_close_matches(key, known, n=1, cutoff=0)[0]
            names = ", ".join(map(str, ensure_tuple(files)))
            raise ValueError(f"--{key} is not a key of {names}. Did you mean --{nearest}? Nothing has been run.")
        value = given.get(argument)
        if (key.endswith("_dir") or key in PATHS) and not isinstance(value, (str, Path, type(None))):
            raise ValueError(
                f"--{key} was read as {value!r}, which is no name; write it as ./NAME. Nothing has been run."
            )


def _ids(config: Any, prefix: str = "") -> Iterator[str]:
    """All keys of a config, nested ones as `a#b`, items of lists as `a#0`."""
    items = config.items() if isinstance(config, dict) else enumerate(config) if isinstance(config, list) else ()
    for key, value in items:
        yield f"{prefix}{key}"
        yield from _ids(value, f"{prefix}{key}#")


def _arguments_of(component: Any) -> list[str]:
    """Names of the arguments that a component of a config takes."""
    if not ConfigComponent.is_instantiable(component):
        return []
    target = locate(ConfigComponent(component).resolve_module_name())
    return list(inspect.signature(target).parameters) if callable(target) else []


def _tracking_keys(tracking: str | dict[str, Any] | None) -> set[str]:
    """The keys that experiment tracking adds, such as `experiment_name`."""
    if tracking is None:
        return set()
    settings: dict[str, Any] = DEFAULT_EXP_MGMT_SETTINGS
    builtin = isinstance(tracking, str) and tracking in settings
    return set((settings[str(tracking)] if builtin else ConfigParser.load_config_files(tracking))["configs"])
