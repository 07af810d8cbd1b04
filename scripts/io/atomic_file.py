"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import socket
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

PREFIX = ".part_"
LOST = (errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.ESTALE)  # what fsync says where content did not reach the disk
FULL = (errno.ENOSPC, errno.EDQUOT)
LEFT_BEHIND = 86400.0  # seconds; the temporary file of another machine that is older than a day is nobody's


def write_atomically(file: Path, write: Callable[[Path], Any]) -> None:
    """Let `write` write under a temporary name beside `file`, with its extension, then rename; folders are made.

    The content reaches the disk before the name does, where the file system can tell: even after a power cut `file` is
    the old file or the new one. The temporary name is this process' own, so that several may write one file, the last
    of which stays. What killed processes left in the folder is removed.

    Raises:
        OSError: the file cannot be written, for example on a full disk; what was there before is left as it was.
    """
    temporary = file.with_name(f"{PREFIX}{_machine()}_{os.getpid()}_{file.name}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _sweep(file.parent, os.getpid())
        write(temporary)
        _sync(temporary)
        os.replace(temporary, file)
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror or error}{_advice(error.errno)}", str(file)) from error
    finally:
        with suppress(OSError):  # it was renamed; or cannot even be looked for, which has been said
            temporary.unlink()


def _sync(file: Path) -> None:
    """Have a file's content on the disk; many network file systems cannot, and keep it all the same."""
    try:
        with open(file, "rb") as stream:
            os.fsync(stream.fileno())
    except OSError as error:
        if error.errno in LOST:
            raise


def _advice(number: int | None) -> str:
    if number in FULL:
        return "; free space, or give another output_dir, and run the same command again"
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "; give an output_dir that may be written to"
    if number == errno.ENAMETOOLONG:
        return "; give the scan a shorter name"
    return ""


@cache
def _machine() -> str:
    """Where process numbers are unique, in eight digits: the machine, or the container on it."""
    place = socket.gethostname()
    with suppress(OSError):
        place += os.readlink("/proc/self/ns/pid")
    return f"{zlib.crc32(place.encode()):08x}"


@cache
def _sweep(folder: Path, process: int) -> None:
    """Remove the temporary files of processes that were killed; `process` does it once per folder."""
    for file in folder.glob(f"{PREFIX}*"):
        owner = re.match(rf"{PREFIX}{_machine()}_(\d+)_", file.name)
        with suppress(OSError):  # another process has swept it
            old = time.time() - file.stat().st_mtime > LEFT_BEHIND
            if old or (owner and not _lives(int(owner[1]))):
                file.unlink()


def _lives(process: int) -> bool:
    """Whether a process of this machine runs; true where there is no way to ask."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
