"""Replaces a data set by canonical frames, in one step."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from domain.errors import NotThere
from domain.manifest import Manifest
from store.dataset import Dataset
from store.description import FILE_NAME, StoredTable
from store.frames import arrow_column, in_order, with_defaults
from store.lock import file_lock
from store.rows import canonical_rows
from store.staging import Staging, clear_staging

LOCK = ".lock"


@contextmanager
def data_set_lock(folder: Path) -> Iterator[None]:
    """Hold the one writer's lock of a data set's folder; a folder made for it goes again when nothing was written.

    Raises
    ------
    HomeLocked
        If another process is writing there.
    NotThere
        If the path is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise NotThere(f"{folder} is a file; a data set needs a folder of its own")
    fresh = not folder.exists()
    with file_lock(folder / LOCK, f"the data set {folder}"):
        clear_staging(folder)
        try:
            yield
        finally:
            clear_staging(folder)
            if fresh and not (folder / FILE_NAME).exists():
                (folder / LOCK).unlink(missing_ok=True)
                with suppress(OSError):
                    folder.rmdir()


def write_dataset(
    folder: Path,
    manifest: Manifest,
    tables: Mapping[str, pd.DataFrame],
    columns: Mapping[str, tuple[str, ...]] | None = None,
) -> Dataset:
    """Write canonical tables as a data set, replacing what was there.

    Parameters
    ----------
    folder
        Where to; made where it is missing.
    manifest
        With ``cut_off`` set.
    tables
        Canonical frames (canonical dtypes, UTC); known times that are missing take their defaults.
    columns
        Columns per table that count as supplied by the user, by default those of the frame.

    Raises
    ------
    HomeLocked
        If another process is writing there.
    """
    said = columns or {}
    described = {
        name: StoredTable((), tuple(said.get(name, tuple(map(str, frame.columns)))), len(frame))
        for name, frame in tables.items()
    }
    with data_set_lock(folder):
        return replace_dataset(folder, manifest, {n: with_defaults(n, f) for n, f in tables.items()}, described)


def replace_dataset(
    folder: Path,
    manifest: Manifest,
    tables: Mapping[str, pd.DataFrame],
    described: Mapping[str, StoredTable],
    quarantine: Mapping[str, pa.Table] | None = None,
) -> Dataset:
    """Write a data set while its lock is held; ``described`` says of each table all but its files."""
    staging = Staging(folder, manifest)
    stored = dict(described)
    for name, frame in tables.items():
        if len(frame):
            stored[name] = replace(stored[name], files=(staging.add(name, _as_arrow(name, in_order(name, frame))),))
    for name, rows in (quarantine or {}).items():
        staging.set_aside(name, rows)
    return staging.commit(stored)


def _as_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """Without pandas' own metadata (it names library versions)."""
    return canonical_rows(name, pa.table({str(column): arrow_column(frame[column]) for column in frame}))
