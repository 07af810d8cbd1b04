"""What a user is told when something is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scripts.io.user_error import UserError


def refusal(check: Callable[..., Any], *arguments: Any, **keywords: Any) -> str:
    with pytest.raises(UserError) as error:
        check(*arguments, **keywords)
    return str(error.value)
