"""Looks at what overrides a config: no key that nothing reads, and every value of its option's type."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from difflib import get_close_matches
from pydoc import locate
from typing import Any

from monai.bundle import ConfigParser, ConfigWorkflow
from monai.bundle.config_item import ConfigComponent
from monai.bundle.utils import DEFAULT_EXP_MGMT_SETTINGS
from monai.utils import ensure_tuple

from ..io.user_error import UserError
from .option_types import is_expression, is_true_or_false
from .options import OPTIONS

WORKFLOW = {*inspect.signature(ConfigWorkflow).parameters, "args_file", "workflow_name"}  # MONAI's own arguments


def checked_overrides(config_file: Any, overrides: dict[str, Any], tracking: Any = None) -> dict[str, Any]:
    """The overrides of one or several config files, each read as the type of its option.

    MONAI adds a key that no config has, and nothing ever reads it. Keys that are new on purpose belong in a config
    file, which is given beside the bundle's. The arguments that the target of a component names are keys too, whether
    or not a config gives them a value.

    Raises:
        UserError: a key is unknown; a value is not of its option's type.
    """
    config = ConfigParser(ConfigParser.load_config_files(config_file))
    known = {*_ids(config.get()), *WORKFLOW, *_tracking_keys(tracking)}
    checked = {}
    for override, value in overrides.items():
        key = override.removeprefix("+").replace("::", "#")
        component, _, name = key.rpartition("#")
        if key not in known and name not in ConfigComponent.non_arg_keys:  # such as _disabled_
            known |= {f"{component}#{taken}" for taken in _arguments_of(config.get(component))}
            if key not in known:
                raise UserError(_unknown(key, known, ", ".join(map(str, ensure_tuple(config_file)))))
        checked[override] = _read(key, value, config.get(key))
    return checked


def check_settings(parser: ConfigParser) -> None:
    """Read what stands at the top of a merged config as the type of its option, and put it back.

    Raises:
        UserError: a value is not of its option's type.
    """
    for key in OPTIONS.keys() & parser.get().keys():
        parser[key] = read_option(key, key, parser[key])


def read_option(key: str, option: str, value: Any) -> Any:
    """A value as the type of an option reads it; an expression of MONAI is left as it is.

    Raises:
        UserError: it is not of that type.
    """
    if option not in OPTIONS or is_expression(value):
        return value
    try:
        return OPTIONS[option](value)
    except ValueError as error:
        raise UserError(f"--{key} must be {error}, not {value!r}. Nothing has been run.") from error


def _read(key: str, value: Any, default: Any) -> Any:
    """The value of an override, whose type is that of the option which stands there by default."""
    if isinstance(default, str) and default.startswith("@"):
        return read_option(key, default[1:], value)
    if key in OPTIONS or key.startswith("displayable_configs#"):
        return read_option(key, key.rpartition("#")[2], value)
    if value is None:
        raise UserError(f"--{key} None: MONAI would leave it out. Write --{key} '$None' for Python's None.")
    truth = is_true_or_false(value)
    return value if truth is None else truth


def _unknown(key: str, known: set[str], files: str) -> str:
    nearest = get_close_matches(key, known, n=1, cutoff=0)[0]
    return f"--{key} is not a key of {files}. Did you mean --{nearest}? Nothing has been run."


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
