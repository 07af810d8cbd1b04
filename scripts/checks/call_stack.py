"""Finding the MONAI call that a part of a config runs in."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def arguments_of_call(*functions: Callable[..., Any]) -> dict[str, Any] | None:
    """Arguments, by name, of the innermost call under way of one of the functions; None where none is under way.

    MONAI hands the items of a config neither its command line nor its merged config, so that nothing but the stack of
    calls says what a run was started with. Only parameters are read, which are public, and no other local variable.
    """
    codes = {inspect.unwrap(function).__code__ for function in functions}
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code in codes:
            names, _, keywords, values = inspect.getargvalues(frame)
            return {**{name: values[name] for name in names}, **(values[keywords] if keywords else {})}
        frame = frame.f_back
    return None
