"""Native libraries kept off standard output: HiGHS prints warnings there that no option silences.

What a command answers on standard output (``--json -``) would not be JSON otherwise. The descriptor itself is pointed
at standard error meanwhile, for native code knows nothing of ``sys.stdout``.
"""

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

OUT, ERR = 1, 2
"""Descriptors of standard output and standard error."""


class _Door:
    """Standard output, closed as long as anyone is within: calls of several threads may overlap."""

    def __init__(self) -> None:
        self.lock, self.within, self.kept = threading.Lock(), 0, -1

    def shut(self) -> None:
        with self.lock:
            self.within += 1
            if self.within == 1:
                self.kept = _turned()

    def open(self) -> None:
        with self.lock:
            self.within -= 1
            if self.within == 0 and self.kept >= 0:
                _flush_native()
                os.dup2(self.kept, OUT)
                os.close(self.kept)


_DOOR = _Door()


@contextmanager
def native_output_to_stderr() -> Iterator[None]:
    """Send to standard error what native code writes to standard output."""
    _DOOR.shut()
    try:
        yield
    finally:
        _DOOR.open()


def _turned() -> int:
    """Point standard output at standard error; a copy of what it was, or −1 where one of them is closed."""
    _flush_native()
    try:
        kept = os.dup(OUT)
    except OSError:
        return -1
    try:
        os.dup2(ERR, OUT)
    except OSError:
        os.close(kept)
        return -1
    return kept


def _flush_native() -> None:
    """Write out what C's buffers hold, to where it was meant to go."""
    ctypes.CDLL(None).fflush(None)
