"""The feature matrix of a data set beyond memory: its months one after the other, sums carried from each to the next.

In memory are one month's rows, and of earlier months those of every shipment, tender and exception of which more
becomes known later, or that is still open. Which these are is found by going through the ids of all files first.
So the answer is the whole's, bit for bit: no record is too old to be corrected.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from domain.predictions import ModelName
from features.known import count_known
from features.matrix import MatrixFile, blocks
from features.memory import Events, Layout, Slots
from features.over import Walk
from features.past import Past, Remembered, layout_of
from features.records import NO_MOMENT, Floats, Moments, Names, Records
from features.streams import MAKERS, Stays, events
from features.subjects import stages_of
from features.sweep import IDS, NAMED, Later, Months, compact, found_in, hashed, joined, within
from store.dataset import Dataset
from store.frames import completed


def write_matrix_by_month(dataset: Dataset, model: ModelName, file: Path, only: Collection[str] | None = None) -> int:
    """Write what :func:`features.matrix.write_matrix` writes, with one month in memory at a time; returns rows.

    Parameters
    ----------
    dataset
        On disk. Its memory is small where its files are small: those of a simulation or a stream hold a month each.
    only
        Stages to write, by default all.
    """
    rows, walk = 0, None
    with MatrixFile(file) as matrix:
        for past in months_of(dataset):
            if walk is None:
                walk = Walk(past)
            else:
                walk.go_on(past)
            stages = stages_of(past, model, only)
            stages = stages.at(within(stages.as_of, past.begin, past.end))
            for table in blocks(walk, model, stages):
                matrix.write(table)
            walk.finish()
            rows += stages.names.size
    return int(rows)


def months_of(dataset: Dataset) -> Iterator["Month"]:
    """Each month as a past; it is forgotten when the next is asked for."""
    months = found_in(dataset)
    shared = Shared(dataset, months.codes)
    kept: dict[str, pa.Table] = {}
    for number in range(months.begins.size):
        shared.forget_ids()
        loaded = Loaded(dataset.folder, dataset.description, whole=dataset)
        for table in NAMED:
            if dataset.parts(table):
                loaded.tables[table] = _joined(dataset, months, table, number, kept)
        month = Month(loaded, shared, *months.bounds(number))
        yield month
        kept = month.kept(months.later, number)
        month.forget()


def _joined(dataset: Dataset, months: Months, table: str, number: int, kept: dict[str, pa.Table]) -> pa.Table:
    """Rows of a table that count in a month, in the order of knowledge; those ``kept`` are taken from there."""
    before = [kept.pop(table)] if table in kept else []
    ahead = [months.ahead(number)] if table == "tenders" and months.early is not None else []
    return joined([*before, months.rows(dataset, table, number), *ahead])


@dataclass(frozen=True)
class Loaded(Dataset):
    """A data set of which some tables are a part of what it has; what it says of its columns is the whole's."""

    whole: Dataset | None = None
    tables: dict[str, pa.Table] = field(default_factory=dict)

    def rows(self, name: str) -> int:
        """How many rows of a table are there."""
        return len(self.tables[name]) if name in self.tables else super().rows(name)

    def types(self, name: str) -> dict[str, pa.DataType]:
        """Columns that say anything somewhere in the whole."""
        assert self.whole is not None
        whole = self.whole
        return whole.once(f"types of {name}", lambda: whole.types(name))

    def column(self, name: str, column: str) -> pa.Array:
        """One column of the rows that are there."""
        if name not in self.tables:
            return super().column(name, column)
        return self.tables[name][column].unify_dictionaries().combine_chunks()

    def table(self, name: str) -> pd.DataFrame:
        """The rows that are there as a canonical table."""
        return completed(name, self.tables[name].to_pandas()) if name in self.tables else super().table(name)


class Shared:
    """What the months have in common: vocabularies but for ids, places in the memories, readings."""

    def __init__(self, dataset: Dataset, codes: frozenset[str]) -> None:
        self.whole = Past(dataset)
        self._codes = codes
        self._kept: dict[str, tuple[Layout, Slots] | None] = {}

    def of(self, stream: str) -> tuple[Layout, Slots] | None:
        """Entities of a stream and their slots; none where it was never told anything."""
        if stream not in self._kept:
            layout = layout_of(self.whole.dataset, stream, self._codes.__contains__)
            self._kept[stream] = None if layout is None else (layout, Slots(layout))
        return self._kept[stream]

    def forget_ids(self) -> None:
        """Let a month begin with ids of its own."""
        for name in IDS:
            self.whole.vocabulary.kinds.pop(name, None)


class Month(Past):
    """One month of a data set as a past.

    Parameters
    ----------
    begin, end
        Microseconds: what becomes known from the one until before the other is learned.
    """

    def __init__(self, loaded: Loaded, shared: Shared, begin: int, end: int) -> None:
        super().__init__(loaded)
        self.vocabulary = shared.whole.vocabulary
        self.begin, self.end = begin, end
        self._shared, self._loaded = shared, loaded
        self._open: dict[str, list[Names]] = {name: [] for name in IDS}

    def records(self, table: str) -> Records:
        """A table as arrays, readings those of the whole."""
        return self._shared.whole.records(table) if table == "signals" else super().records(table)

    def readings(self) -> tuple[str, ...]:
        """Kinds of outside reading of the whole."""
        return self._shared.whole.readings()

    def reading(self, name: str, places: Names, as_of: Moments) -> Floats:
        """The newest reading known at each place."""
        return self._shared.whole.reading(name, places, as_of)

    def kept(self, later: Mapping[str, Later], number: int) -> dict[str, pa.Table]:
        """Rows that later months need: of ids that come up again, or are open when this month ends."""
        wanted = {name: self._wanted(name, later[name], number) for name in IDS}
        named = {table: self.records(table).text(NAMED[table][-1]) for table in self._loaded.tables}
        if "tenders" in named:
            shipments, tenders = self.records("tenders").text("shipment_id"), named["tenders"]
            wanted["tender_id"][tenders[wanted["shipment_id"][shipments]]] = True
        known = {table: within(self.records(table).moment("known_at"), NO_MOMENT, self.end) for table in named}
        return {
            table: compact(self._loaded.tables[table].filter(pa.array(wanted[NAMED[table][-1]][names] & known[table])))
            for table, names in named.items()
        }

    def forget(self) -> None:
        """Give all memory back."""
        self._made.clear()
        self._open.clear()
        self._loaded.tables.clear()
        pa.default_memory_pool().release_unused()

    def _wanted(self, name: str, later: Later, number: int) -> NDArray[np.bool_]:
        """Shape (names + 1,): whether each is needed later; the last stands for no name and is not."""
        words = self.words(name)
        every = words.arrow(np.arange(len(words), dtype=np.int32))
        wanted = np.append(later.until(hashed(every)) > number, False)
        for names in self._open[name]:
            wanted[names] = True
        wanted[-1] = False
        return wanted

    def _remember(self, stream: str) -> Remembered | None:
        kept = self._shared.of(stream)
        return None if kept is None else self._told(stream, *kept)

    def _told(self, stream: str, layout: Layout, slots: Slots) -> Remembered:
        told = MAKERS[stream](self)
        if isinstance(told, Stays):
            last = np.flatnonzero((told.begin < self.end) & (told.end >= self.end))
            for name in IDS:
                if name in told.who.names:
                    self._open[name].append(told.who.text(name)[last])
        learned = events(told, slots.of(told.who, grow=True))
        begin, end = (count_known(learned.known, moment - 1) for moment in (max(self.begin, NO_MOMENT + 1), self.end))
        some = learned.part(begin, end)
        # Copies: a part of the arrays would keep them whole.
        own = Events(some.known.copy(), some.moments.copy(), some.changes.copy(), some.slots.copy())
        return Remembered(layout, slots, own)
