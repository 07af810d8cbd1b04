"""A first Ctrl-C that lets the iteration under way finish."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Any

import ignite.distributed as idist

WORDS = b"\nStopping after this iteration, or validation, and its checkpoint; press Ctrl-C again to stop at once.\n"


class StopSignal:
    """Context in which the first Ctrl-C, or the SIGTERM of a cluster, sets `received`; the next one acts as usual.

    It has no effect outside the main thread, where Python allows no handler, and in a run of several processes, which
    would stop at different iterations and wait for each other.
    """

    def __init__(self) -> None:
        self.received = False
        self.before: dict[int, Any] = {}

    def __enter__(self) -> StopSignal:
        self.received = False
        self.process = os.getpid()
        if threading.current_thread() is threading.main_thread() and idist.get_world_size() == 1:
            self.before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *exception: Any) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
        self.before = {}

    def _note(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self.process:  # a forked loader worker, which the terminal's Ctrl-C reaches too
            if number == signal.SIGTERM:
                os._exit(1)
            return  # its parent still needs it, and ends it
        self.__exit__()
        self.received = True
        os.write(2, WORDS)  # logging might be in the middle of a message
