"""Has the command `python -m monai.bundle run` run a CheckedWorkflow, which MONAI offers to Python code alone."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

import fire
from monai.bundle import run, run_workflow, update_kwargs

from ..io.user_error import UserError, first_cause
from .socket_paths import make_room_for_sockets
from .workflow import run_config

COMMANDS: dict[str, Callable[..., Any]] = {"run": run, "run_workflow": run_workflow}
taken_over = False  # by this process, which is one command


def take_over() -> None:
    """The first item of every config's `run`: where it is part of that command, run the config anew, checked, and exit.

    MONAI makes a ConfigWorkflow of its own from the command line, which no config can name. Nothing has been built by
    then but what `initialize` names. In a notebook, in MONAI Label or in federated learning it only makes room for the
    sockets of loader workers; there a CheckedWorkflow can be asked for by `workflow_name`.

    Raises:
        SystemExit: at the end of the run: status 0; after an error, which was printed, that of the error.
    """
    global taken_over
    if is_command() and not taken_over:
        taken_over = True
        arguments = command_arguments(sys.argv[1:])
        if arguments.pop("workflow_name", None) is None:
            raise SystemExit(run_checked(arguments))
    make_room_for_sockets()


def is_command() -> bool:
    """Whether this process is `python -m monai.bundle run ...`."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return spec is not None and spec.name == "monai.bundle.__main__" and sys.argv[1:2] in [[name] for name in COMMANDS]


def command_arguments(words: Sequence[str]) -> dict[str, Any]:
    """The arguments of a command line as MONAI's command gets them, an args_file included; None where one is None."""
    given: dict[str, Any] = {}
    fire.Fire({name: _noting(command, given) for name, command in COMMANDS.items()}, command=list(words))
    arguments: dict[str, Any] = update_kwargs(given.pop("args_file", None), ignore_none=False, **given)
    return arguments


def run_checked(arguments: dict[str, Any]) -> int:
    """Run a config and return the exit status.

    Of an error that the user can mend the message alone is printed; of any other the trace, and the cause again, last.
    """
    try:
        run_config(**arguments)
    except UserError as error:
        if str(error):  # one of several processes says it for all
            print(error, file=sys.stderr)
        return error.status
    except Exception as error:
        sys.excepthook(type(error), error, error.__traceback__)
        cause = first_cause(error)
        print(f"\n{type(cause).__name__}: {cause}", file=sys.stderr)
        return 1
    return 0


def _noting(command: Callable[..., Any], given: dict[str, Any]) -> Callable[..., Any]:
    """A function of the command's signature that notes its arguments."""
    signature = inspect.signature(command)
    others = next(name for name, parameter in signature.parameters.items() if parameter.kind is parameter.VAR_KEYWORD)

    def note(*values: Any, **named: Any) -> None:
        arguments = signature.bind(*values, **named).arguments
        overrides = arguments.pop(others, {})
        given.update({name: value for name, value in arguments.items() if value is not None} | overrides)

    note.__signature__ = signature  # type: ignore[attr-defined]
    return note
