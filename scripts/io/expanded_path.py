"""How every path that a user writes is read."""

from __future__ import annotations

import os
from pathlib import Path


def expanded_path(name: str | Path) -> str:
    """A path with ~ and $VARIABLES replaced."""
    return os.path.expandvars(os.path.expanduser(name))
