"""One process at a time."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL)

logger = logging.getLogger(__name__)


@contextmanager
def file_lock(file: Path) -> Iterator[bool]:
    """Hold the lock of a file, beside which a hidden file stands meanwhile; the processes of all machines wait for it.

    A killed process holds it no longer.

    Yields:
        whether it is held: some network file systems, and Windows, have no such locks.
    """
    beside = file.with_name(f".lock_{file.name}")
    descriptor = _locked(beside)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            with suppress(OSError):
                beside.unlink()  # while it is held: who waits for it sees that it is gone, and takes a new one
            os.close(descriptor)


def _locked(file: Path) -> int | None:
    """An open and locked descriptor of a file, which is made; None where the file system has no locks."""
    if fcntl is None:
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), os.stat(file)):
                    return descriptor
        except OSError as error:
            os.close(descriptor)
            if error.errno not in NO_LOCKS:
                raise
            logger.debug("%s: the file system has no locks (%s)", file.parent, error)
            with suppress(OSError):
                file.unlink()  # nobody can wait for it
            return None
        os.close(descriptor)
