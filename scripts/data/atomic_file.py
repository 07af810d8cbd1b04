"""Files that are whole or not there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_atomically(file: Path, write: Callable[[Path], Any]) -> None:
    """Let `write` write under a temporary name beside `file`, with its extension, then rename; folders are made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".part_{file.name}")
    try:
        write(temporary)
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)
