"""A data set that was imported or simulated: its manifest, and its tables as canonical frames."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow.parquet as pq

from domain.errors import NotThere
from domain.facts import FACTS
from domain.manifest import Manifest
from store.description import Description, read_description
from store.frames import completed

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
        return pd.concat([self._file(file.path) for file in stored.files], ignore_index=True)

    def _file(self, path: str) -> pd.DataFrame:
        try:
            return pq.read_table(self.folder / path, partitioning=None).to_pandas()
        except (FileNotFoundError, OSError) as error:
            raise NotThere(
                f"{self.folder / path} is listed in the manifest and cannot be read ({error}); "
                "it was replaced meanwhile (open the data set again) or is damaged (import again)"
            ) from None


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
