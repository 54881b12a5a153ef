"""Replaces a data set in one step: all files first, the manifest last, then what nothing lists any more."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from domain.errors import BadTable, NotThere
from domain.facts import FACTS
from domain.manifest import Manifest
from store.atomic import sync_file, sync_folder, write_atomically
from store.contracts.tables import CONTRACTS
from store.dataset import Dataset, open_dataset
from store.description import FILE_NAME, Description, StoredFile, StoredTable
from store.frames import ARROW_TYPES, arrow_column, in_order, with_defaults
from store.lock import file_lock

LOCK = ".lock"
QUARANTINE = "quarantine"
STAGING = ".staging-"
HASHED = re.compile(r"[0-9a-f]{64}\.parquet")


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
        _clear_staging(folder)
        try:
            yield
        finally:
            if fresh and not (folder / FILE_NAME).exists():
                _clear_staging(folder)
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
    if manifest.cut_off is None:
        raise BadTable("a data set needs a cut_off")
    staging = folder / f"{STAGING}{os.getpid()}"
    staging.mkdir()
    files = {name: _stage(staging, name, in_order(name, frame)) for name, frame in tables.items() if len(frame)}
    for name, rows in (quarantine or {}).items():
        _write_parquet(rows, staging / f"{QUARANTINE}-{name}.parquet")
    description = Description(
        manifest,
        {
            name: replace(described[name], files=(files[name],) if name in files else ())
            for name in FACTS
            if name in described
        },
    )
    _move_tables(folder, staging, files)
    _move_quarantine(folder, staging, quarantine or {})
    write_atomically(folder / FILE_NAME, description.as_bytes())
    _clear_staging(folder)
    _delete_unlisted(folder, {file.path for file in files.values()})
    return open_dataset(folder)


def _stage(staging: Path, name: str, frame: pd.DataFrame) -> StoredFile:
    draft = staging / f"{name}.parquet"
    _write_parquet(_as_arrow(name, frame), draft)
    with draft.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return StoredFile(f"{name}/{digest}.parquet", digest, len(frame))


def _as_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """Rows in canonical column order, without pandas' own metadata (it names library versions)."""
    known = {column.name: ARROW_TYPES[column.kind] for column in CONTRACTS[name].columns}
    columns = [c for c in known if c in frame] + sorted(c for c in map(str, frame.columns) if c.startswith("x_"))
    rows = pa.table({c: arrow_column(frame[c]) for c in columns})
    return rows.cast(pa.schema([(c, known.get(c, rows.schema.field(c).type)) for c in columns]))


def _write_parquet(rows: pa.Table, path: Path) -> None:
    pq.write_table(rows, path, compression="zstd")
    sync_file(path)


def _move_tables(folder: Path, staging: Path, files: Mapping[str, StoredFile]) -> None:
    for name, file in files.items():
        (folder / name).mkdir(exist_ok=True)
        os.replace(staging / f"{name}.parquet", folder / file.path)  # noqa: PTH105 - counted by the crash test
        sync_folder(folder / name)
    sync_folder(folder)


def _move_quarantine(folder: Path, staging: Path, quarantine: Mapping[str, pa.Table]) -> None:
    target = folder / QUARANTINE
    for name in FACTS:
        old = target / f"{name}.parquet"
        if name in quarantine:
            target.mkdir(exist_ok=True)
            os.replace(staging / f"{QUARANTINE}-{name}.parquet", old)  # noqa: PTH105 - counted by the crash test
        else:
            old.unlink(missing_ok=True)
    if target.is_dir():
        sync_folder(target)


def _clear_staging(folder: Path) -> None:
    """Remove what an interrupted writer left. The lock is held, so whoever made it is gone."""
    for left in folder.glob(f"{STAGING}*"):
        shutil.rmtree(left)
    for draft in folder.glob(f".{FILE_NAME}.*"):
        draft.unlink()


def _delete_unlisted(folder: Path, listed: set[str]) -> None:
    for name in FACTS:
        for file in (folder / name).glob("*.parquet"):
            if HASHED.fullmatch(file.name) and f"{name}/{file.name}" not in listed:
                file.unlink()
        with suppress(OSError):
            (folder / name).rmdir()
