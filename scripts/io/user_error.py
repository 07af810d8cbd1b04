"""Errors that the user can mend."""

from __future__ import annotations


class UserError(Exception):
    """What is wrong, and what to do about it, in a sentence or two: all that the user needs to read.

    From Python it is an exception like any other. A command prints its message, last and without a trace of calls, and
    ends with its `status`.
    """

    status = 1


class Interrupted(UserError):
    """The run was stopped by Ctrl-C, or by the SIGTERM of a cluster."""

    status = 130


class BadInput(UserError, ValueError):
    """A file, a list or a number that was given cannot be used."""


class MissingInput(UserError, FileNotFoundError):
    """A file or folder that was given, or something in it, is not there."""


class MissingPackage(UserError, ImportError):
    """What was asked for needs a package that is not installed."""


def first_cause(error: BaseException) -> BaseException:
    """What led to `error` at first: MONAI wraps what a part of a config raises, more than once."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def user_error(error: BaseException | None) -> UserError | None:
    """The UserError that led to `error`, which MONAI wraps in exceptions of its own; None where there is none."""
    while error is not None and not isinstance(error, UserError):
        error = error.__cause__ or error.__context__
    return error
