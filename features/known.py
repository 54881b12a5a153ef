"""What was known at a time. The only place that compares ``known_at`` with ``as_of``.

A question as of t sees every record with ``known_at`` ≤ t, in its latest version known by then;
the second half of a row (the answer, the impact) only where its own known time is ≤ t.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.facts import FACTS, Fact
from features.compiled import compiled, within
from features.records import NO_MOMENT, Moments, Names
from store.dataset import Dataset

NEVER = int(np.iinfo(np.int64).max)
"""When the latest version of a fact is superseded."""


@within
def is_known(known: int, superseded: int, as_of: int) -> bool:
    """Whether a record that became known at ``known``, and wrong at ``superseded``, is what is known at ``as_of``."""
    return known <= as_of < superseded


@dataclass(frozen=True)
class Moment:
    """Names, each with a moment of it: shape (n,)."""

    names: Names
    moments: Moments

    def first(self, size: int) -> Moments:
        """The earliest moment of each of ``size`` names, :data:`NEVER` where there is none; shape (size,)."""
        found = np.full(size, NEVER, dtype=np.int64)
        named = self.names >= 0
        np.minimum.at(found, self.names[named], self.moments[named])
        return found


@dataclass(frozen=True)
class Grouped:
    """Positions of a table's rows by the name in one column, in the order of knowledge.

    Attributes
    ----------
    starts
        Shape (names + 1,): rows of name k are ``rows[starts[k]:starts[k + 1]]``.
    rows
        Positions of all rows whose name is known.
    known
        Shape (rows,): when each became known, microseconds.
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    known: Moments

    def bounds(self, names: Names) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Begin and end of each name's rows; nothing for a name that no row has."""
        met = (names >= 0) & (names < self.starts.size - 1)
        number = np.where(met, names, 0)
        begin = self.starts[number]
        return begin, np.where(met, self.starts[np.minimum(number + 1, self.starts.size - 1)], begin)

    def last_known(self, names: Names, as_of: Moments) -> NDArray[np.int64]:
        """Position of the last row of each name that was known by its moment, −1 where none was."""
        begin, end = self.bounds(names)
        return np.asarray(_last_known(begin, end, self.rows, self.known, as_of))


def count_known(known: Moments, as_of: int) -> int:
    """How many of some records, in the order of knowledge, were known at a moment."""
    return int(np.searchsorted(known, as_of, side="right"))


def told_by(known: Moments, by: int) -> NDArray[np.bool_]:
    """Which second halves were known by a moment; one without a known time never is."""
    return np.asarray((known != NO_MOMENT) & (known <= by))


def last_of(
    names: Names, known: Moments, asked: Names, by: int, which: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Position of the last row of each name asked for that was known by a moment, −1 where none was.

    Parameters
    ----------
    names, known
        Shape (rows,): of records in the order of knowledge.
    asked
        Shape (n,).
    which
        Shape (rows,): the rows that are looked at, by default all.
    """
    many = count_known(known, by)
    rows = np.arange(many) if which is None else np.flatnonzero(which[:many])
    found = np.full(int(names.max(initial=-1)) + 2, -1, np.int64)
    found[names[rows]] = rows  # of one name's rows the last stays
    found[-1] = -1  # that of nobody, which the nameless wrote into
    return np.asarray(found[np.where(asked < found.size, asked, -1)])


def grouped(names: Names, known: Moments, size: int) -> Grouped:
    """Rows by name; ``known`` ascends, as every table's does."""
    starts, rows = _by_name(names, size)
    return Grouped(starts, rows, known[rows])


@compiled
def _by_name(names: Names, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A counting sort: where each name's rows begin, and the rows in their order."""
    starts = np.zeros(size + 1, np.int64)
    for name in names:
        if name >= 0:
            starts[name + 1] += 1
    starts = np.cumsum(starts)
    rows, place = np.empty(starts[size], np.int64), starts[:size].copy()
    for row in range(names.size):
        if names[row] >= 0:
            rows[place[names[row]]] = row
            place[names[row]] += 1
    return starts, rows


@compiled
def _last_known(
    begin: NDArray[np.int64], end: NDArray[np.int64], rows: NDArray[np.int64], known: Moments, as_of: Moments
) -> NDArray[np.int64]:
    found = np.empty(begin.size, np.int64)
    for q in range(begin.size):
        low, high = begin[q], end[q]
        while low < high:
            middle = (low + high) // 2
            if is_known(known[middle], NEVER, as_of[q]):
                low = middle + 1
            else:
                high = middle
        found[q] = rows[low - 1] if low > begin[q] else -1
    return found


def superseded(facts: NDArray[np.int64], known: Moments) -> Moments:
    """When the next version of each row's fact became known, :data:`NEVER` for the latest."""
    codes = pd.factorize(facts)[0]
    return np.asarray(_next_known(codes.astype(np.int64), known))


@compiled
def _next_known(facts: NDArray[np.int64], known: Moments) -> Moments:
    following = np.full(facts.max() + 1 if facts.size else 0, NEVER, np.int64)
    found = np.empty(facts.size, np.int64)
    for row in range(facts.size - 1, -1, -1):
        found[row] = following[facts[row]]
        following[facts[row]] = known[row]
    return found


def as_known(dataset: Dataset, table: str, as_of: datetime) -> pd.DataFrame:
    """One row per fact of a table: its latest version known at ``as_of``, unknown second halves blank."""
    fact = FACTS[table]
    if fact.timeless:
        return dataset.table(table)
    versions = versions_known(dataset, table, as_of)
    return versions.drop_duplicates(list(fact.key), keep="last").reset_index(drop=True)


def versions_known(dataset: Dataset, table: str, as_of: datetime) -> pd.DataFrame:
    """Every version of every fact known at ``as_of``, in the order of knowledge, unknown second halves blank."""
    frame, moment = dataset.table(table), pd.Timestamp(as_of)
    return _blanked(frame[frame["known_at"] <= moment].reset_index(drop=True), FACTS[table], moment)


def _blanked(frame: pd.DataFrame, fact: Fact, moment: pd.Timestamp) -> pd.DataFrame:
    """The frame with second halves that were not known at ``moment`` taken out."""
    if fact.second is None or frame.empty:
        return frame
    known = frame[fact.second.known] <= moment
    blank = dict(zip(fact.second.columns, fact.second.blank, strict=True))
    changed = {name: frame[name].where(known) for name in blank if name in frame}
    for name, value in blank.items():
        if value is not None and name in changed:
            changed[name] = changed[name].mask(~known, value)
    changed[fact.second.known] = frame[fact.second.known].where(known)
    return frame.assign(**changed)
