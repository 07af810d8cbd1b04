"""One of several shares of a list of cases, for the tasks of an array job that do not know of each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..io.user_error import BadInput


def shard_of(cases: Sequence[dict[str, str]], shard: str) -> list[dict[str, str]]:
    """The i-th of N shares, every N-th case: the N shares hold every case once. It may be empty.

    Args:
        cases: always in the same order.
        shard: "i/N" with 1 <= i <= N.

    Raises:
        ValueError: `shard` is not of this kind.
    """
    match = re.fullmatch(r"(\d+)/(\d+)", str(shard))
    index, count = (int(number) for number in match.groups()) if match else (0, 0)
    if not 1 <= index <= count:
        raise BadInput(f"shard must be i/N with 1 <= i <= N, such as 2/10, got {shard}.")
    return list(cases[index - 1 :: count])
