"""No worker outlives its supervisor."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1
"""``prctl(2)``: the signal this process gets when its parent ends."""


def end_with_parent() -> None:
    """Have this process stopped (as by SIGTERM) when its parent is killed.

    Otherwise a worker whose supervisor was killed with SIGKILL keeps the port, and goes on answering with old
    models. Linux only; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
