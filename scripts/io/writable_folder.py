"""A folder that results will be written to."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .user_error import UserError


def make_writable(folder: str | Path) -> None:
    """Make a folder, if need be, and write a mebibyte into it that is gone again at once.

    Raises:
        UserError: the folder cannot be made or written to, or the disk is full.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as stream:
            stream.write(bytes(2**20))
    except OSError as error:
        raise UserError(f"{folder}: cannot be written to ({error}); give another --output_dir.") from error
