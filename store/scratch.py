"""Folders for large files on the way: gone with what they are for, at the latest when the next such folder is made.

A process that is killed removes nothing. A folder is therefore locked as long as its process lives; the kernel frees
the lock however that ends, so a folder that can be locked was left over.
"""

import fcntl
import os
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir, mkdtemp
from weakref import finalize


def scratch_folder(owner: object, prefix: str) -> Path:
    """A new folder in the system's folder for temporary ones (``TMPDIR``), removed with ``owner`` or the process.

    Those of killed processes that begin with the same prefix are removed first.
    """
    for folder in Path(gettempdir()).glob(f"{prefix}*"):
        remove_left_over(folder)
    # Locked under another name first: nobody meets it unlocked.
    hidden = Path(mkdtemp(prefix=f".{prefix}"))
    descriptor = _locked(hidden)
    folder = hidden.rename(hidden.with_name(hidden.name.removeprefix(".")))
    finalize(owner, _remove, folder, descriptor)
    return folder


def remove_left_over(folder: Path) -> None:
    """Remove a folder of this user that no process holds; leave every other one."""
    try:
        descriptor = _locked(folder)
    except OSError:  # held, somebody else's, no folder, or gone meanwhile
        return
    if os.fstat(descriptor).st_uid == os.getuid():
        _remove(folder, descriptor)
    else:
        os.close(descriptor)


def _locked(folder: Path) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _remove(folder: Path, descriptor: int) -> None:
    rmtree(folder, ignore_errors=True)
    os.close(descriptor)
