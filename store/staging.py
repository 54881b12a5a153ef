"""A data set is written beside the one it replaces, and takes its place in one step, the manifest last.

A process killed at any moment leaves the old data set or the new one, whole. What it left besides is removed by the
next writer.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from domain.errors import BadTable
from domain.facts import FACTS
from domain.manifest import Manifest
from store.atomic import sync_file, sync_folder, write_atomically
from store.beside import mark, marked, refuse_name
from store.dataset import Dataset, open_dataset
from store.description import FILE_NAME, HASHED, Description, StoredFile, StoredTable

PREFIX = ".staging-"
QUARANTINE = "quarantine"


class Staging:
    """The files of a data set on their way. The folder's lock is held from beginning to end.

    Parameters
    ----------
    folder
        Folder of the data set.
    manifest
        What it will say about itself, ``cut_off`` included.

    Raises
    ------
    BadTable
        If the manifest names no ``cut_off``.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        if manifest.cut_off is None:
            raise BadTable("a data set needs a cut_off")
        self.folder, self.manifest = folder, manifest
        self._room = folder / f"{PREFIX}{os.getpid()}"
        self._room.mkdir()
        self._files: list[StoredFile] = []
        self._quarantine: set[str] = set()
        self._beside: set[str] = set()

    def add(self, table: str, rows: pa.Table) -> StoredFile:
        """Write rows of a table as one file more."""
        draft = self._room / "draft.parquet"
        _write_parquet(rows, draft)
        with draft.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        draft.rename(self._room / f"{table}-{digest}.parquet")
        self._files.append(StoredFile(f"{table}/{digest}.parquet", digest, len(rows)))
        return self._files[-1]

    def set_aside(self, table: str, rows: pa.Table) -> None:
        """Write the rows of a table that go to quarantine."""
        _write_parquet(rows, self._room / f"{QUARANTINE}-{table}.parquet")
        self._quarantine.add(table)

    def beside(self, name: str) -> Path:
        """An empty folder, whose content will lie beside the tables; its files are the caller's to write.

        Raises
        ------
        NotThere
            If a folder of this name is there that was not written with a data set.
        """
        refuse_name(self.folder, name)
        self._beside.add(name)
        (self._room / name).mkdir(exist_ok=True)
        return self._room / name

    def commit(self, tables: Mapping[str, StoredTable]) -> Dataset:
        """Put everything in its place, and open it.

        Parameters
        ----------
        tables
            Tables with the files that were added.
        """
        description = Description(self.manifest, {name: tables[name] for name in FACTS if name in tables})
        self._move_tables()
        self._move_quarantine()
        self._move_beside(description.fingerprint)
        write_atomically(self.folder / FILE_NAME, description.as_bytes())
        self._put_away(set(marked(self.folder)) - self._beside)
        clear_staging(self.folder)
        self._delete_unlisted()
        return open_dataset(self.folder)

    def _move_tables(self) -> None:
        for file in self._files:
            target = self.folder / file.path
            target.parent.mkdir(exist_ok=True)
            os.replace(self._room / file.path.replace("/", "-"), target)  # noqa: PTH105 - counted by the crash test
        for name in sorted({file.path.partition("/")[0] for file in self._files}):
            sync_folder(self.folder / name)
        sync_folder(self.folder)

    def _move_quarantine(self) -> None:
        target = self.folder / QUARANTINE
        for name in FACTS:
            old = target / f"{name}.parquet"
            if name in self._quarantine:
                target.mkdir(exist_ok=True)
                os.replace(self._room / f"{QUARANTINE}-{name}.parquet", old)  # noqa: PTH105 - counted as well
            else:
                old.unlink(missing_ok=True)
        if target.is_dir():
            sync_folder(target)

    def _move_beside(self, fingerprint: str) -> None:
        for name in sorted(self._beside):
            mark(self._room / name, fingerprint)
            _sync_all(self._room / name)
            if (self.folder / name).exists():
                self._put_away({name})
            os.replace(self._room / name, self.folder / name)  # noqa: PTH105 - counted as well

    def _put_away(self, names: set[str]) -> None:
        """Take folders out whole: one that is half deleted would have lost its mark."""
        for name in sorted(names):
            os.replace(self.folder / name, self._room / f"old-{name}")  # noqa: PTH105 - counted as well

    def _delete_unlisted(self) -> None:
        listed = {file.path for file in self._files}
        for name in FACTS:
            for file in (self.folder / name).glob("*.parquet"):
                if HASHED.fullmatch(file.name) and f"{name}/{file.name}" not in listed:
                    file.unlink()
            with suppress(OSError):
                (self.folder / name).rmdir()


def clear_staging(folder: Path) -> None:
    """Remove what an interrupted writer left. The lock is held, so whoever made it is gone."""
    for left in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(left)
    for draft in folder.glob(f".{FILE_NAME}.*"):
        draft.unlink()


def _write_parquet(rows: pa.Table, path: Path) -> None:
    pq.write_table(rows, path, compression="zstd")
    sync_file(path)


def _sync_all(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        (sync_folder if path.is_dir() else sync_file)(path)
    sync_folder(folder)
