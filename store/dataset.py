"""A data set that was imported or simulated: its manifest, and its tables as canonical frames."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from domain.errors import NotThere
from domain.facts import FACTS
from domain.manifest import Manifest
from store.contracts.columns import USER_PREFIX
from store.contracts.tables import CONTRACTS
from store.description import Description, read_description
from store.frames import ARROW_TYPES, arrow_column, completed

T = TypeVar("T")


@dataclass(frozen=True)
class Dataset:
    """Canonical tables of one folder. Reads only files that the manifest lists.

    Attributes
    ----------
    folder
        Where it lies.
    description
        Its manifest with the list of its files.
    """

    folder: Path
    description: Description
    _cache: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    _derived: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def manifest(self) -> Manifest:
        """What the data set says about itself; ``cut_off`` is always set."""
        return self.description.manifest

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the manifest's content, the hashes of all files included."""
        return self.description.fingerprint

    def cut_at(self, thresholds: tuple[float, ...]) -> "Dataset":
        """The same records with severity cut at other thresholds; itself where they are its own."""
        scale = self.manifest.severity
        if thresholds == scale.thresholds:
            return self
        manifest = replace(self.manifest, severity=replace(scale, thresholds=thresholds))
        other = replace(self.description, manifest=manifest)
        return self.once(f"cut at {thresholds}", lambda: Dataset(self.folder, other, self._cache))

    def has(self, name: str) -> bool:
        """Say whether a table is present and not empty."""
        stored = self.description.tables.get(name)
        return stored is not None and stored.rows > 0

    def given(self, name: str) -> tuple[str, ...]:
        """Columns of a table that the user supplied, ``x_…`` included; none where the table is absent."""
        stored = self.description.tables.get(name)
        return () if stored is None else stored.columns

    def table(self, name: str) -> pd.DataFrame:
        """A canonical table: every canonical column in its dtype, then the user's ``x_…`` columns.

        All versions of a fact are there (a correction is a later row of the same key), sorted by
        (known_at, fact key). Absent columns are null, known times have their defaults. An absent table is empty.

        Raises
        ------
        NotThere
            If the name is no canonical table, or a file that the manifest lists is gone.
        """
        if name not in FACTS:
            raise NotThere(f"{name!r} is no canonical table; they are {', '.join(FACTS)}")
        if name not in self._cache:
            self._cache[name] = completed(name, self._read(name))
        # A shallow copy: whoever assigns to it does not change what the next one reads.
        return self._cache[name].copy(deep=False)

    def rows(self, name: str) -> int:
        """How many rows a table has."""
        stored = self.description.tables.get(name)
        return 0 if stored is None else stored.rows

    def types(self, name: str) -> dict[str, pa.DataType]:
        """Columns of a canonical table that say anything, the user's ``x_…`` last, with their types in Arrow."""
        canonical = {column.name: ARROW_TYPES[column.kind] for column in CONTRACTS[name].columns}
        if name in self._cache:
            frame = self._cache[name]
            said = {str(column): arrow_column(frame[column]).type for column in frame if frame[column].notna().any()}
        else:
            said = self._said(name)
        own = {column: kind for column, kind in said.items() if column.startswith(USER_PREFIX)}
        return {column: kind for column, kind in canonical.items() if column in said} | own

    def _said(self, name: str) -> dict[str, pa.DataType]:
        """Columns that are not null throughout, by what the files say of themselves."""
        stored, said = self.description.tables.get(name), {}
        for file in () if stored is None else stored.files:
            with self._opened(file.path) as parquet:
                parts = [parquet.metadata.row_group(k) for k in range(parquet.metadata.num_row_groups)]
                for place, column in enumerate(parquet.schema_arrow):
                    if any(_says(part.column(place), part.num_rows) for part in parts):
                        said[column.name] = column.type
        return said

    def column(self, name: str, column: str) -> pa.Array:
        """One column of :meth:`types` in the order of :meth:`table`, read by itself; text as a dictionary."""
        if name in self._cache:
            return arrow_column(self._cache[name][column])
        stored = self.description.tables.get(name)
        parts = [self._file(file.path, [column]) for file in (() if stored is None else stored.files)]
        return pa.concat_tables(parts)[column].unify_dictionaries().combine_chunks()

    def parts(self, name: str) -> int:
        """How many files a table's rows are in; in their order the rows are in that of :meth:`table`."""
        stored = self.description.tables.get(name)
        return 0 if stored is None else len(stored.files)

    def part(
        self, name: str, which: int, columns: list[str] | None = None, encoded: list[str] | None = None
    ) -> pa.Table:
        """Rows of one file as stored, some columns only where they are named; text ``encoded`` as dictionaries."""
        with self._opened(self.description.tables[name].files[which].path, encoded) as file:
            return file.read(columns=columns)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What is derived from the tables, made when it is first asked for and kept: the tables do not change."""
        if name not in self._derived:
            self._derived[name] = make()
        found: T = self._derived[name]
        return found

    def _read(self, name: str) -> pd.DataFrame:
        stored = self.description.tables.get(name)
        if stored is None or not stored.files:
            return pd.DataFrame()
        # One piece: text in many chunks makes every later step slower.
        return pa.concat_tables([self._file(file.path) for file in stored.files]).combine_chunks().to_pandas()

    def _file(self, path: str, columns: list[str] | None = None) -> pa.Table:
        with self._opened(path, columns) as file:
            return file.read(columns=columns)

    def _opened(self, path: str, encoded: list[str] | None = None) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.folder / path, read_dictionary=encoded)
        except (FileNotFoundError, OSError) as error:
            raise NotThere(
                f"{self.folder / path} is listed in the manifest and cannot be read ({error}); "
                "it was replaced meanwhile (open the data set again) or is damaged (import again)"
            ) from None


def _says(column: Any, rows: int) -> bool:
    """Whether a column chunk holds anything but nulls, as far as its statistics tell."""
    known = column.statistics is not None and column.statistics.has_null_count
    return not known or column.statistics.null_count < rows


def open_dataset(folder: Path) -> Dataset:
    """Open the data set in a folder.

    Raises
    ------
    NotThere
        If the folder holds none.
    BadManifest
        If its ``manifest.json`` is damaged.
    """
    return Dataset(folder, read_description(folder))
