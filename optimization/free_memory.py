"""Free memory goes back to the system: a process holds what it uses, and not what it once used."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa


@contextmanager
def nothing_kept() -> Iterator[None]:
    """A long step after which the process holds no more than what the step gave; before it, no more than is in use.

    Arrow allocates meanwhile as the C library does, for its own pool keeps pages for each thread. The
    C library gives back what is free of its heap, which takes milliseconds: HiGHS leaves some 60 MB
    there, however small its last model was. A library other than GNU's sees to that itself.
    """
    own = pa.default_memory_pool()
    own.release_unused()
    _trim()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(own)
        _trim()


def _trim() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
