"""Room for the sockets by which loader workers hand over what they have loaded."""

from __future__ import annotations

import os
import tempfile
from multiprocessing import util

from ..io.user_error import UserError

LONGEST = 103  # characters of a socket's path on macOS; Linux has 107
SOCKET = "/pymp-12345678/listener-12345678"  # how multiprocessing names it, below the folder for temporary files
SHORT = "/tmp"


def make_room_for_sockets() -> None:
    """Have the sockets in /tmp where the folder for temporary files (TMPDIR) has too long a path for them.

    A worker that cannot make its socket loses what it has loaded, and the run would wait for it for ever. Other
    temporary files stay where they are. A socket takes no room on the disk, and its folder is removed at the end.

    Raises:
        UserError: /tmp cannot be written to either.
    """
    folder = tempfile.gettempdir()
    if os.name != "posix" or len(os.fsencode(folder + SOCKET)) <= LONGEST:
        return
    before = tempfile.tempdir
    try:
        tempfile.tempdir = SHORT
        util.get_temp_dir()  # chosen once, for this process and those that it starts
    except OSError as error:
        longest = LONGEST - len(SOCKET)
        raise UserError(
            f"loader workers need a folder for temporary files whose path has at most {longest} characters: {folder} is"
            f" too long, and {SHORT} cannot be used ({error.strerror}). Set TMPDIR to another, or give --num_workers 0."
        ) from error
    finally:
        tempfile.tempdir = before
