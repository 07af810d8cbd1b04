"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_atomically(file: Path, write: Callable[[Path], Any]) -> None:
    """Let `write` write under a temporary name beside `file`, with its extension, then rename; folders are made.

    The content reaches the disk before the name does: even after a power cut `file` is the old file or the new one.

    Raises:
        OSError: the file cannot be written, for example on a full disk; what was there before is left as it was.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".part_{file.name}")
    try:
        write(temporary)
        with open(temporary, "rb") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, file)
    except OSError as error:
        words = f"{error.strerror or error}; free space, or give another output_dir, and run the same command again"
        raise OSError(error.errno, words, str(file)) from error
    finally:
        temporary.unlink(missing_ok=True)
