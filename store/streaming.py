"""Writes a data set while it is produced, month by month, in memory that does not grow with the months.

A row belongs to the month in which it became known: rows that are known later than the month they came with wait for
theirs. So the files of a table, in the order of the manifest, are in the total order (known_at, fact key), and
reading them needs no sort.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.errors import BadTable
from domain.facts import FACTS
from domain.manifest import Manifest
from domain.moment import format_moment
from store.dataset import Dataset
from store.description import StoredFile, StoredTable
from store.rows import canonical_rows, in_total_order, refuse_columns, with_known_times
from store.staging import Staging
from store.writing import data_set_lock

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
WHOLE = "whole"
"""Stands where a month would for a table that was written at once."""


@dataclass
class _Growing:
    """A table so far; ``until`` (µs since 1970) is where its written months end; ``waiting`` is known later."""

    columns: tuple[str, ...]
    waiting: pa.Table
    month: str = ""
    until: int = np.iinfo(np.int64).min
    files: list[StoredFile] = field(default_factory=list)

    @property
    def stored(self) -> StoredTable:
        return StoredTable(tuple(self.files), self.columns, sum(file.rows for file in self.files))


class DatasetStream:
    """A data set that is being written; made by :func:`dataset_stream`."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._tables: dict[str, _Growing] = {}
        self._dataset: Dataset | None = None

    @property
    def dataset(self) -> Dataset:
        """The data set that was written, once its ``with`` has ended."""
        if self._dataset is None:
            raise BadTable("the data set is still being written; it is there when the `with` has ended")
        return self._dataset

    def append(self, table: str, month: str, rows: pa.Table) -> None:
        """Add what came with a month; the month ends with it.

        Parameters
        ----------
        table
            A table with ``known_at``.
        month
            ``2024-01``, by UTC; ascending from call to call, months may be left out.
        rows
            Canonical columns and ``x_…``, the same in every month, in any order of rows; text may be
            dictionary-encoded. Known times that are missing take their defaults.

        Raises
        ------
        BadTable
            If a month comes twice or too late, columns differ from those of the months before or are not the
            table's, or a row became known before the months that are written already, after the cut-off, or never.
        """
        if table in FACTS and FACTS[table].timeless:
            raise BadTable(f"{table} has no known_at and so no months; give it as a reference")
        ready = self._ready(table, rows)
        growing = self._tables.setdefault(table, _Growing(tuple(rows.column_names), ready.slice(0, 0)))
        _refuse_month(table, month, growing)
        _refuse_schema(table, month, ready.schema, growing)
        ready = in_total_order(table, pa.concat_tables([growing.waiting, ready]))
        known = _known(table, month, ready)
        if len(known) and known[0] < growing.until:
            raise BadTable(
                f"{table} {month}: {np.count_nonzero(known < growing.until):,} rows became known before "
                f"{month}, and the months before are written; append a row with the month in which it became known"
            )
        growing.month, growing.until = month, _end_of(month)
        split = int(np.searchsorted(known, growing.until))
        self._write(table, growing, ready.slice(0, split))
        growing.waiting = ready.take(np.arange(split, len(ready)))  # a slice would keep the whole month in memory

    def reference(self, table: str, rows: pa.Table) -> None:
        """Write a table at once, as one file: one without months, or a small one.

        Raises
        ------
        BadTable
            If the table was given before, its columns are not the table's, or a row became known after the cut-off.
        """
        if table in self._tables:
            raise BadTable(f"{table} was given before")
        ready = self._ready(table, rows)
        self._tables[table] = growing = _Growing(tuple(rows.column_names), ready.slice(0, 0), month=WHOLE)
        self._write(table, growing, in_total_order(table, ready))

    def extra(self, name: str) -> Path:
        """An empty folder to write into; it replaces ``DIR/<name>`` together with the data set.

        The data set's manifest does not list it. :func:`store.beside.folder_beside` finds it again.

        Raises
        ------
        NotThere
            If ``DIR/<name>`` was not written with a data set: it is the user's own.
        """
        return self._staging.beside(name)

    def commit(self) -> None:
        """Write the rows that still wait, and replace the data set that was there."""
        for table, growing in self._tables.items():
            self._write(table, growing, growing.waiting)
        self._dataset = self._staging.commit({table: growing.stored for table, growing in self._tables.items()})

    def _ready(self, table: str, rows: pa.Table) -> pa.Table:
        refuse_columns(table, rows.column_names)
        ready = with_known_times(table, canonical_rows(table, rows))
        second = FACTS[table].second
        for name in ("known_at", *(() if second is None else (second.known,))):
            if name in ready.column_names:
                self._refuse_later(table, name, ready[name])
        return ready

    def _refuse_later(self, table: str, name: str, moments: pa.ChunkedArray) -> None:
        cut_off = self._staging.manifest.cut_off
        assert cut_off is not None
        late = pc.sum(pc.greater(moments, pa.scalar(cut_off, type=moments.type))).as_py()
        if late:
            raise BadTable(f"{table}: {name} is after the cut-off {format_moment(cut_off)} in {late:,} rows")

    def _write(self, table: str, growing: _Growing, rows: pa.Table) -> None:
        if len(rows):
            growing.files.append(self._staging.add(table, rows))


@contextmanager
def dataset_stream(folder: Path, manifest: Manifest) -> Iterator[DatasetStream]:
    """Write a data set while it is produced; when the ``with`` ends it replaces what was there, in one step.

    If the block raises, or the process dies, the data set that was there stays as it is.

    Parameters
    ----------
    folder
        Where to; made where it is missing. Its lock is held throughout.
    manifest
        With ``cut_off`` set.

    Raises
    ------
    HomeLocked
        If another process is writing there.
    BadTable
        If the manifest names no ``cut_off``.
    """
    with data_set_lock(folder):
        stream = DatasetStream(Staging(folder, manifest))
        yield stream
        stream.commit()


def _refuse_month(table: str, month: str, growing: _Growing) -> None:
    if not MONTH.fullmatch(month):
        raise BadTable(f"{table}: a month is written like 2024-01, but this one is {month!r}")
    if growing.month == WHOLE:
        raise BadTable(f"{table} was given as a reference; it takes no months")
    if month <= growing.month:
        raise BadTable(f"{table}: {month} comes after {growing.month}; each month comes once, in ascending order")


def _refuse_schema(table: str, month: str, schema: pa.Schema, growing: _Growing) -> None:
    if schema != growing.waiting.schema:
        differing = sorted(
            {f"{f.name} ({f.type})" for f in schema} ^ {f"{f.name} ({f.type})" for f in growing.waiting.schema}
        )
        raise BadTable(f"{table} {month}: not the columns of the months before; differing: {', '.join(differing)}")


def _known(table: str, month: str, rows: pa.Table) -> np.ndarray[Any, Any]:
    """Shape (n,): ``known_at`` in µs since 1970."""
    known = rows["known_at"]
    if known.null_count:
        raise BadTable(f"{table} {month}: known_at is missing in {known.null_count:,} rows")
    return np.asarray(known.cast(pa.int64()).to_numpy())


def _end_of(month: str) -> int:
    """First moment after a month, in µs since 1970."""
    return int((np.datetime64(month, "M") + 1).astype("datetime64[us]").astype(np.int64))
