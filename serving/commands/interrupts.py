"""Ctrl-C, also while a solver computes outside Python."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from threading import Event, Thread, Timer, main_thread
from types import FrameType

CODE = 128 + signal.SIGINT
"""What shells expect of a program that Ctrl-C ended: 130."""
GRACE_S = 2.0
AGAIN_S = 0.01


class Interrupts:
    """Remembers that Ctrl-C came.

    Python code sees it as ``KeyboardInterrupt``; where a destructor swallows that, it comes again. A long call into a
    solver does not see it at all, so the process is ended after :data:`GRACE_S`: everything is
    written atomically, so nothing is left half-written.
    """

    def __init__(self) -> None:
        self._seen = Event()

    @property
    def came(self) -> bool:
        """Whether it came; some libraries turn ``KeyboardInterrupt`` into an error of their own."""
        return self._seen.is_set()

    def watch(self, last_words: Callable[[], None]) -> None:
        """Begin to watch; a process that was told to ignore Ctrl-C goes on ignoring it.

        Parameters
        ----------
        last_words
            Called on a thread of its own before the process ends without having reacted.
        """
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            return
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, self._on_signal)
        sys.unraisablehook = _again_if_swallowed
        Thread(target=self._end_unless_seen, args=(reader, last_words), name="interrupts", daemon=True).start()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._seen.set()
        logging.disable(logging.ERROR)  # what libraries say of being torn down is no news to who stopped them
        raise KeyboardInterrupt

    def _end_unless_seen(self, reader: int, last_words: Callable[[], None]) -> None:
        while os.read(reader, 1) != bytes([signal.SIGINT]):
            pass
        if not self._seen.wait(GRACE_S):
            last_words()
            os._exit(CODE)


def _again_if_swallowed(lost: "sys.UnraisableHookArgs") -> None:
    """Python drops an exception that is raised within ``__del__``; an interrupt that fell there comes once more."""
    if isinstance(lost.exc_value, KeyboardInterrupt):
        Timer(AGAIN_S, signal.pthread_kill, (main_thread().ident, signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(lost)
