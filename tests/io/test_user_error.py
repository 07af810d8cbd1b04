"""The sentence for the user is found behind what libraries wrap around it."""

from __future__ import annotations

from scripts.io.user_error import Interrupted, UserError, user_error


def test_it_is_found_behind_other_exceptions() -> None:
    try:
        try:
            raise UserError("no such file; give another.")
        except UserError as error:
            raise RuntimeError("Failed to instantiate") from error
    except RuntimeError as wrapped:
        found = user_error(wrapped)
    assert isinstance(found, UserError) and str(found) == "no such file; give another." and found.status == 1


def test_other_errors_are_left_alone() -> None:
    assert user_error(ValueError("a bug")) is None
    assert user_error(None) is None


def test_an_interruption_has_the_status_of_ctrl_c() -> None:
    assert isinstance(Interrupted("stopped."), UserError) and Interrupted("stopped.").status == 130
