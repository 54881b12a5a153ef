"""One writer at a time. The kernel frees a lock when its holder dies, so none is ever left over."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import HomeLocked


@contextmanager
def home_lock(home: Path) -> Iterator[None]:
    """Hold the one writer's lock of a home.

    Raises
    ------
    HomeLocked
        If another process holds it.
    """
    with file_lock(home / "var" / "locks" / "home.lock", f"the home {home}"):
        yield


@contextmanager
def file_lock(path: Path, what: str) -> Iterator[None]:
    """Hold a lock file, whose folder is made where it is missing.

    Parameters
    ----------
    path
        The lock file. It stays afterwards; only the kernel's lock on it counts.
    what
        What is locked, in words for the message.

    Raises
    ------
    HomeLocked
        If another process holds it; the message names its process id.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _acquire(path, what)
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(path: Path, what: str) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever held it before may have removed the file between our open and our lock.
            if path.exists() and os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise HomeLocked(
                f"another process (pid {holder}) is writing in {what}; wait until it has ended, or stop it"
            ) from None
        os.close(descriptor)
