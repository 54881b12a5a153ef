"""Which names come up in which months: the files of a data set gone through once, ids and moments only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.codes import X12_STATUS
from features.compiled import compiled
from features.known import NEVER
from features.order import in_order
from features.records import NO_MOMENT, Moments
from store.dataset import Dataset

Hashes = NDArray[np.int64]
IDS = ("shipment_id", "tender_id", "exception_id")
"""Names of which every month has its own; those of any other kind are shared."""
NAMED = {
    "shipments": ("shipment_id",),
    "tenders": ("shipment_id", "tender_id"),
    "milestones": ("shipment_id",),
    "exceptions": ("shipment_id", "exception_id"),
}
"""Ids in each table that goes by months."""
MOMENTS = {"shipments": ("released_at",), "tenders": ("offered_at", "outcome_known_at"), "milestones": (),
           "exceptions": ("resolved_known_at",)}  # fmt: skip
"""When a row counts, beside when it is known."""
MOST_ROWS = 3_000_000
"""A month of more rows is taken in parts of equal length, each of which is then called a month."""
FNV_OFFSET, FNV_PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)


@dataclass(frozen=True)
class Later:
    """Names that come up in several months, by their hash in ascending order, and the last month of each."""

    names: Hashes
    last: NDArray[np.int16]

    def until(self, names: Hashes) -> NDArray[np.int16]:
        """The last month of each name, −1 of one that comes up in one only."""
        if not self.names.size:
            return np.full(names.size, -1, np.int16)
        place = np.maximum(np.digitize(names, self.names) - 1, 0)
        return np.where(self.names[place] == names, self.last[place], np.int16(-1))


@dataclass(frozen=True)
class Months:
    """How the files of a data set fall into months.

    Attributes
    ----------
    begins
        Shape (months,), microseconds: months in which anything became known; the first begins before all time.
    spans
        First and last month of each file of a table.
    later
        By id column, which names come up again after a month.
    early
        Every version of tenders with one that became known in a later month than it counts in; none where all are.
    codes
        X12 status codes that some milestone says.
    """

    begins: Moments
    spans: Mapping[str, list[tuple[int, int]]]
    later: Mapping[str, Later]
    early: pa.Table | None
    codes: frozenset[str]

    def bounds(self, number: int) -> tuple[int, int]:
        """When a month begins, and when the next does."""
        return int(self.begins[number]), int(np.append(self.begins, NEVER)[number + 1])

    def rows(self, dataset: Dataset, table: str, number: int) -> pa.Table:
        """Rows of a table that became known in a month."""
        spans = self.spans[table]
        # The first file lends its columns to a month without rows.
        parts = [which for which, (first, last) in enumerate(spans) if first <= number <= last] or [0]
        return pa.concat_tables(
            [self._inside(_encoded(dataset, table, which), spans[which], number) for which in parts]
        )

    def _inside(self, rows: pa.Table, span: tuple[int, int], number: int) -> pa.Table:
        if span == (number, number):
            return rows
        return rows.filter(pa.array(_month(self.begins, rows["known_at"]) == number))

    def ahead(self, number: int) -> pa.Table:
        """Rows that become known only after a month, and may count in it."""
        assert self.early is not None
        months = _month(self.begins, self.early["known_at"])
        return self.early.filter(pa.array(months > number))


def found_in(dataset: Dataset) -> Months:
    """Go through the files of a data set: which month each is of, and which names come up again."""
    months, ends = _looked_up(dataset)
    begins = _begins(months)
    sweep = _Sweep(dataset, begins)
    for table in NAMED:
        sweep.look(table)
    later = {name: sweep.later(name) for name in ("tender_id", "exception_id")}
    for table in ("tenders", "exceptions"):
        sweep.join(table, later[NAMED[table][-1]])
    later["shipment_id"] = sweep.later("shipment_id")
    spans = {table: [(int(a), int(b)) for a, b in _numbers(begins, moments)] for table, moments in ends.items()}
    return Months(begins, spans, later, _early(dataset, sweep.early), _codes(dataset))


def hashed(names: pa.Array | pa.ChunkedArray) -> Hashes:
    """FNV-1a of each name (Fowler, Noll & Vo 1991), shape (n,), 0 where it is null.

    Two names of one hash do no harm: more is kept than is needed.
    """
    whole = names.combine_chunks() if isinstance(names, pa.ChunkedArray) else names
    text = whole.cast(pa.large_string())
    _, offsets, data = text.buffers()
    if not len(text) or data is None:
        return np.zeros(len(text), np.int64)
    bounds = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
    found = np.asarray(_fnv(bounds, np.frombuffer(data, np.uint8)))
    found[text.is_null().to_numpy(zero_copy_only=False)] = 0
    return found


@compiled
def _fnv(bounds: NDArray[np.int64], data: NDArray[np.uint8]) -> Hashes:
    found = np.empty(bounds.size - 1, np.uint64)
    for row in range(found.size):
        state = FNV_OFFSET
        for place in range(bounds[row], bounds[row + 1]):
            state = (state ^ np.uint64(data[place])) * FNV_PRIME
        found[row] = state
    return found.view(np.int64)


class _Sweep:
    """Which id comes up in which months."""

    def __init__(self, dataset: Dataset, begins: Moments) -> None:
        self._dataset, self._begins = dataset, begins
        self._met: dict[str, list[tuple[int, Hashes]]] = {name: [] for name in IDS}
        self.early: list[Hashes] = []

    def look(self, table: str) -> None:
        """Every id of a table: in the months in which its rows become known and in those in which they count."""
        types = self._dataset.types(table)
        names = [name for name in NAMED[table] if name in types]
        moments = [name for name in MOMENTS[table] if name in types]
        for which in range(self._dataset.parts(table)):
            rows = self._dataset.part(table, which, ["known_at", *names, *moments])
            month = _month(self._begins, rows["known_at"])
            others = [_month(self._begins, rows[name], month) for name in moments]
            last, before = reduce(np.maximum, others, month), reduce(np.minimum, others, month) < month
            for name in names:
                found = hashed(rows[name])
                self._add(name, found, month)
                self._add(name, found[last > month], last[last > month])
            if table == "tenders":
                self.early.append(found[before])

    def join(self, table: str, later: Later) -> None:
        """A shipment comes up wherever a tender or an exception does that names it."""
        own = NAMED[table][-1]
        if "shipment_id" in self._dataset.types(table):
            for which in range(self._dataset.parts(table)):
                rows = self._dataset.part(table, which, ["shipment_id", own])
                until = later.until(hashed(rows[own]))
                some = np.flatnonzero(until >= 0)
                self._add("shipment_id", hashed(rows["shipment_id"].take(pa.array(some))), until[some])

    def later(self, name: str) -> Later:
        """Names that come up in several months."""
        met = sorted(self._met.pop(name), key=lambda one: one[0])
        names = np.concatenate([np.empty(0, np.int64), *(found for _, found in met)])
        months = np.repeat(np.array([month for month, _ in met], np.int16), [found.size for _, found in met])
        order, names = in_order(names)
        months = months[order]
        differ = names[1:] != names[:-1]
        last, first = np.append(differ, True)[: names.size], np.insert(differ, 0, True)[: names.size]
        again = months[last] > months[first]
        return Later(names[last][again], months[last][again])

    def _add(self, name: str, found: Hashes, months: NDArray[np.int16]) -> None:
        for month in np.unique(months).tolist():
            unique = pd.unique(found[months == month])
            self._met[name].append((month, unique[unique != 0]))


def _begins(months: Counter[int]) -> Moments:
    """Beginnings of the months in which anything became known, many rows apart; the first is before all time."""
    begins: list[int] = []
    for month in sorted(months):
        begin, end = np.array([month, month + 1]).view("datetime64[M]").astype("datetime64[us]").view(np.int64).tolist()
        parts = -(-months[month] // MOST_ROWS)
        begins += [begin + part * (end - begin) // parts for part in range(parts)]
    return np.array([NO_MOMENT, *begins[1:]], np.int64)


def _looked_up(dataset: Dataset) -> tuple[Counter[int], dict[str, Moments]]:
    """How many rows became known in each month, and the first and the last moment of each file, shape (files, 2)."""
    months: Counter[int] = Counter()
    ends: dict[str, Moments] = {}
    for table in NAMED:
        ends[table] = np.full((dataset.parts(table), 2), NO_MOMENT, np.int64)
        for which in range(dataset.parts(table)):
            known = _moments(dataset.part(table, which, ["known_at"])["known_at"])
            if known.size:
                ends[table][which] = known[[0, -1]]
                found = known[[0]] if _calendar(known[0]) == _calendar(known[-1]) else known
                names, counts = np.unique(_calendar(found), return_counts=True)
                months.update(dict(zip(names.tolist(), (counts * (known.size // found.size)).tolist(), strict=True)))
    return months, ends


def _calendar(moments: Moments) -> Moments:
    """Months since 1970."""
    return moments.view("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def _early(dataset: Dataset, found: list[Hashes]) -> pa.Table | None:
    """Every version of the tenders found."""
    early = np.unique(np.concatenate([np.empty(0, np.int64), *found]))
    if not early.size:
        return None
    parts = []
    for which in range(dataset.parts("tenders")):
        mask = np.isin(hashed(dataset.part("tenders", which, ["tender_id"])["tender_id"]), early)
        if mask.any():
            parts.append(_encoded(dataset, "tenders", which).filter(pa.array(mask)))
    return compact(joined(parts))


def _codes(dataset: Dataset) -> frozenset[str]:
    said: set[str] = set()
    for which in range(dataset.parts("milestones")):
        rows = dataset.part("milestones", which, ["code_list", "code"])
        said |= set(pc.unique(rows["code"].filter(pc.equal(rows["code_list"], X12_STATUS))).to_pylist())
    return frozenset(said)


def _encoded(dataset: Dataset, table: str, which: int) -> pa.Table:
    """A file's rows, text but for the ids of the table as dictionaries."""
    text = [name for name, kind in dataset.types(table).items() if pa.types.is_string(kind) and name not in IDS]
    return dataset.part(table, which, encoded=text)


def joined(parts: list[pa.Table]) -> pa.Table:
    """Tables one after the other as one piece."""
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def compact(rows: pa.Table) -> pa.Table:
    """The rows with no word in a dictionary that none of them says."""
    columns = {name: rows[name] for name in rows.column_names}
    for name, column in columns.items():
        if pa.types.is_dictionary(column.type):
            columns[name] = column.cast(pa.string()).dictionary_encode()
    return pa.table(columns)


def _moments(column: pa.ChunkedArray) -> Moments:
    return np.asarray(column.cast(pa.int64()).fill_null(NO_MOMENT).to_numpy())


def _month(begins: Moments, column: pa.ChunkedArray, missing: NDArray[np.int16] | None = None) -> NDArray[np.int16]:
    """The month that each moment lies in; that of an unknown one is ``missing``."""
    moments = _moments(column)
    months = _numbers(begins, moments)
    return months if missing is None else np.where(moments == NO_MOMENT, missing, months)


def _numbers(begins: Moments, moments: Moments) -> NDArray[np.int16]:
    return (np.digitize(moments, begins) - 1).astype(np.int16)


def within(moments: Moments, begin: int, end: int) -> NDArray[np.bool_]:
    """Which moments lie in a month, shape (n,)."""
    return (moments >= begin) & (moments < end)
