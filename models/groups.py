"""Groups in which a delay's distribution is to cover what it says: stage, then mode, then lane class.

A group is a tuple of those, as many as are told apart: ``()`` is everybody, ``("AF",)`` a stage, ``("AF", "air")`` a
mode at it. A column that the data lack is one word, the empty one.
"""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

GROUPED_BY = ("stage", "mode", "lane_class")
Group = tuple[str, ...]
Rows = NDArray[np.int64]
EVERYBODY: Group = ()
Kept = TypeVar("Kept")


def groups_of(frame: pd.DataFrame, columns: tuple[str, ...] = GROUPED_BY) -> list[tuple[Group, Rows]]:
    """The groups that n rows fall into, with the places of each one's rows; in the order of their words."""
    if not len(frame):
        return []
    codes, words = np.zeros(len(frame), dtype=np.int64), []
    for name in columns:
        text = frame[name] if name in frame else pd.Series(None, index=frame.index, dtype="str")
        found, values = pd.factorize(text)
        codes = codes * (len(values) + 1) + found + 1
        words.append(["", *map(str, values)])
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    rows = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
    named = [_named(int(codes[one]), words) for one in first]
    return sorted(zip(named, rows, strict=True), key=lambda pair: pair[0])


def group_columns(frame: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The columns that groups are told apart by, of a frame in memory or in a file."""
    return pd.DataFrame({name: frame[name] for name in GROUPED_BY if name in frame})


def nearest(group: Group, kept: Mapping[Group, Kept]) -> Kept:
    """What is kept of a group, or of the smallest that it is part of; something is of :data:`EVERYBODY`."""
    while group not in kept and group:
        group = group[:-1]
    return kept[group]


def _named(code: int, words: list[list[str]]) -> Group:
    made: list[str] = []
    for known in reversed(words):
        code, place = divmod(code, len(known))
        made.insert(0, known[place])
    return tuple(made)
