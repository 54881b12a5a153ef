"""Several pieces of work at once, on threads: LightGBM and compiled scans let go of the interpreter."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def available_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def side_by_side(jobs: Sequence[Callable[[], T]], threads: int) -> list[T]:
    """Answers of independent jobs, in their order, so that they do not depend on which was done first.

    Parameters
    ----------
    threads
        How many at once; 0 = one per core.
    """
    if len(jobs) == 1 or threads == 1:
        return [job() for job in jobs]
    with ThreadPoolExecutor(threads or available_cores()) as pool:
        return [waiting.result() for waiting in [pool.submit(job) for job in jobs]]


def both(one: Callable[[], S], other: Callable[[], T], threads: int) -> tuple[S, T]:
    """Answers of two jobs that answer differently; at once unless ``threads`` is 1."""
    if threads == 1:
        return one(), other()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(one)
        answer = other()
        return waiting.result(), answer
