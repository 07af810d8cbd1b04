"""What went wrong with a case, in one line for its user."""

from __future__ import annotations

from ..io.free_memory import out_of_memory
from ..io.printable import printable
from ..io.user_error import BadInput, first_cause


class NameTaken(BadInput):
    """A case has the name of other results, which it must not replace."""


def case_error(error: BaseException, scan: str) -> str:
    """The reason of a failure, which names the scan's file.

    MONAI wraps what a transform raises in a RuntimeError that names the transform; the reason is its cause.
    """
    while isinstance(error, RuntimeError) and str(error).startswith("applying transform") and error.__cause__:
        error = error.__cause__
    if words := out_of_memory(first_cause(error)):
        return f"{printable(scan)}: {words}"
    reason, scan = printable(" ".join(str(error).split())), printable(scan)
    if scan in reason:
        return reason
    if isinstance(error, ValueError) and reason:
        return f"{scan}: {reason}"
    return f"{scan}: {type(error).__name__}: {reason}".rstrip(": ")
