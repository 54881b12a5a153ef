"""Where the names of a column stand: a table of places over the bytes that Arrow holds already.

Arrow's own ``index_in`` and ``count_distinct`` copy every name into a table that they make anew each time
they are asked. Here a name takes no more than two to four places of 4 bytes, and the table is made once.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from features.compiled import compiled, within

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Shared = TypeVar("Shared", Ints, Bytes)

UNKNOWN = -1
"""In place of a name that is not there; in a table, of nothing."""
_SPREAD = 1099511628211
"""Multiplier of the hash (Fowler, Noll & Vo 1991, FNV-1a of 64 bits)."""


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of n strings without nulls.

    Attributes
    ----------
    ends
        (n + 1,) where each string begins in ``text``, and where the last one ends.
    text
        Their bytes, one after another.
    """

    ends: Ints
    text: Bytes

    @staticmethod
    def of(column: pd.Series | pd.Index) -> "Texts":
        """The column's own buffers; nothing is copied that Arrow holds as one piece."""
        given = pa.array(column, pa.large_string())
        whole = given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given
        _, ends, text = whole.buffers()
        bounds = np.frombuffer(ends, np.int64)[whole.offset :][: len(whole) + 1]
        return Texts(_fixed(bounds), _fixed(np.frombuffer(text, np.uint8)))


@dataclass(frozen=True, eq=False)
class Names:
    """An index of n names.

    Attributes
    ----------
    names
        The names.
    table
        (a power of 2,) the place of a name, looked for from its hash on; UNKNOWN ends the search.
    unique
        Whether no name is there twice; of equal ones the first is found.
    """

    names: Texts
    table: Small
    unique: bool

    @staticmethod
    def of(column: pd.Series) -> "Names":
        """Index a column of strings."""
        names = Texts.of(column)
        table = np.full(1 << (2 * len(column)).bit_length(), UNKNOWN, np.int32)
        return Names(names, table, bool(_enter(names.ends, names.text, table)))

    def name(self, place: int) -> str:
        """The name that stands there."""
        begin, end = self.names.ends[place], self.names.ends[place + 1]
        return self.names.text[begin:end].tobytes().decode()

    def places(self, column: pd.Series | pd.Index) -> Small:
        """(m,) the place of each string of a column among the names, or UNKNOWN."""
        asked = Texts.of(column)
        return _find(asked.ends, asked.text, self.names.ends, self.names.text, self.table)


def _fixed(numbers: Shared) -> Shared:
    """Not to be written to, whatever Arrow says of the buffer: one type, so that loops are compiled once."""
    numbers.flags.writeable = False
    return numbers


@compiled
def _enter(ends: Ints, text: Bytes, table: Small) -> bool:
    """Put every name into an empty table; returns whether all differ."""
    unique = True
    for i in range(len(ends) - 1):
        slot = _slot(ends[i], ends[i + 1], text, ends, text, table)
        if table[slot] == UNKNOWN:
            table[slot] = i
        else:
            unique = False
    return unique


@compiled
def _find(asked_ends: Ints, asked_text: Bytes, ends: Ints, text: Bytes, table: Small) -> Small:
    """The place of each; one that follows its like, as uses of one candidate do, is not looked for again."""
    found, last, last_end = np.empty(len(asked_ends) - 1, np.int32), 0, 0
    for i in range(len(found)):
        begin, end = asked_ends[i], asked_ends[i + 1]
        if i > 0 and _same(begin, end, asked_text, last, last_end, asked_text):
            found[i] = found[i - 1]
        else:
            found[i] = table[_slot(begin, end, asked_text, ends, text, table)]
        last, last_end = begin, end
    return found


@within
def _slot(begin: int, end: int, asked: Bytes, ends: Ints, text: Bytes, table: Small) -> int:
    """Where the table holds a string, or has room for it."""
    hashed = end - begin
    for k in range(begin, end):
        hashed = (hashed ^ asked[k]) * _SPREAD
    slot = (hashed ^ (hashed >> 32)) & (len(table) - 1)
    while table[slot] != UNKNOWN and not _same(begin, end, asked, ends[table[slot]], ends[table[slot] + 1], text):
        slot = (slot + 1) & (len(table) - 1)
    return slot


@within
def _same(begin: int, end: int, asked: Bytes, first: int, last: int, text: Bytes) -> bool:
    same = end - begin == last - first
    k = 0
    while same and k < end - begin:
        same = asked[begin + k] == text[first + k]
        k += 1
    return same
