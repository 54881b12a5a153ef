"""What DuckDB cannot read by itself, declared under ``[sources]``: each becomes a view."""

import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Protocol, Self

import pandas as pd
import pyarrow as pa

from domain.errors import BadManifest, BadQuery, NotThere

CHUNK = 1 << 20
READERS = {
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".txt": "read_csv",
    ".parquet": "read_parquet",
    ".json": "read_json",
    ".ndjson": "read_json",
}


@dataclass(frozen=True)
class Room:
    """What a source may use.

    Attributes
    ----------
    find
        A file's path in the folders that may be read, from what the manifest says.
    private
        A folder of its own, gone after the import.
    max_mb
        Largest size of a file that is unpacked there.
    """

    find: Callable[[str], Path]
    private: Path
    max_mb: int


class Outside(Protocol):
    """A declared source."""

    def load(self, room: Room) -> "pa.Table | str":
        """Its rows, or a SQL expression that reads them from the private folder."""
        ...


class _Declared:
    """A dataclass of strings that is read from the manifest."""

    @classmethod
    def declared(cls, name: str, said: Mapping[str, Any]) -> Self:
        """Read a declaration and check its keys."""
        keys = {item.name: item for item in fields(cls) if item.name != "name"}  # type: ignore[arg-type]
        needed = [key for key, item in keys.items() if item.default is MISSING]
        for key, value in said.items():
            if key not in keys:
                raise BadManifest(
                    f"[sources] {name} has the unknown key {key!r}; it may hold {', '.join(sorted(keys))}"
                )
            if not isinstance(value, str):
                raise BadManifest(f"[sources] {name}: {key} must be text, but is {value!r}")
        for key in needed:
            if key not in said:
                raise BadManifest(f"[sources] {name} lacks the key {key!r}; it needs {', '.join(needed)}")
        return cls(**{"name": name, **said})


@dataclass(frozen=True)
class Workbook(_Declared):
    """``excel`` (a file) and, where it is not the first, ``sheet``."""

    name: str
    excel: str
    sheet: str = ""

    def load(self, room: Room) -> pa.Table:
        """The sheet, its first row taken as the names of the columns."""
        file = room.find(self.excel)
        try:
            frame = pd.read_excel(file, sheet_name=self.sheet or 0, engine="openpyxl")
        except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            raise BadQuery(f"[sources] {self.name}: {file.name} cannot be read as Excel: {error}") from None
        return _as_arrow(frame)


@dataclass(frozen=True)
class Archive(_Declared):
    """``archive`` (a ZIP file), ``member`` (a file in it) and optionally ``nullstr``, ``delim``."""

    name: str
    archive: str
    member: str
    nullstr: str = ""
    delim: str = ""

    def load(self, room: Room) -> str:
        """Unpack the member into the private folder, and say how to read it."""
        suffix = Path(self.member).suffix.lower()
        if suffix not in READERS:
            raise BadManifest(f"[sources] {self.name}: member must end in {', '.join(READERS)}, but is {self.member!r}")
        # The member's own path is only looked up, never written to.
        target = room.private / f"{self.name}{suffix}"
        self._unpack(room.find(self.archive), target, room.max_mb)
        given = {"nullstr": self.nullstr, "delim": self.delim} if READERS[suffix] == "read_csv" else {}
        options = [_quoted(str(target)), *(f"{key} = {_quoted(text)}" for key, text in given.items() if text)]
        return f"SELECT * FROM {READERS[suffix]}({', '.join(options)})"

    def _unpack(self, file: Path, target: Path, max_mb: int) -> None:
        try:
            with zipfile.ZipFile(file) as archive, archive.open(self.member) as packed, target.open("wb") as out:
                left = max_mb * 1_000_000
                while chunk := packed.read(CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise BadQuery(
                            f"[sources] {self.name}: {self.member} unpacks to more than {max_mb} MB; "
                            "raise [import] max_archive_mb if that is right"
                        )
                    out.write(chunk)
        except KeyError:
            with zipfile.ZipFile(file) as archive:
                inside = ", ".join(archive.namelist()[:10])
            raise NotThere(f"[sources] {self.name}: {file.name} holds no {self.member!r}; it holds {inside}") from None
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise BadQuery(f"[sources] {self.name}: {file.name} cannot be unpacked: {error}") from None


@dataclass(frozen=True)
class Database(_Declared):
    """``database`` (a SQLAlchemy URL) or ``database_env`` (a variable that holds one), and ``query``."""

    name: str
    query: str
    database: str = ""
    database_env: str = ""

    def load(self, room: Room) -> pa.Table:
        """The rows of the query, read in one transaction that is rolled back."""
        from sqlalchemy import create_engine, text
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError

        url, engine = None, None
        try:
            url = make_url(self._url())
            engine = create_engine(_read_only(url, room.find))
            with engine.connect() as connection:
                return _rows(connection.execute(text(self.query)))
        except ArgumentError:
            raise BadManifest(f"[sources] {self.name}: the database URL is not one that SQLAlchemy reads") from None
        except (SQLAlchemyError, ImportError, ValueError) as error:
            raise BadQuery(f"[sources] {self.name}: cannot read {_told(url, error)}") from None
        finally:
            if engine is not None:
                engine.dispose()

    def _url(self) -> str:
        if not self.database_env:
            return self.database
        if not os.environ.get(self.database_env):
            raise NotThere(
                f"[sources] {self.name}: the environment variable {self.database_env} is not set; "
                "put the database's URL there"
            )
        return os.environ[self.database_env]


def _told(url: Any, error: Exception) -> str:
    """What went wrong where, without the password, whichever of the two messages holds it."""
    where = url.render_as_string(hide_password=True)
    what = str(getattr(error, "orig", None) or error)
    return f"{where}: {what.replace(url.password, '***') if url.password else what}"


def _read_only(url: Any, find: Callable[[str], Path]) -> Any:
    """The URL; of SQLite as a file that exists, opened for reading (SQLite would make a missing one)."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return url
    return url.set(database=f"file:{find(url.database)}", query={"mode": "ro", "uri": "true"})


def _rows(result: Any) -> pa.Table:
    """Rows of a query as Arrow, without the detour over pandas, where whole numbers beside nulls become floats."""
    names, rows = list(result.keys()), result.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pa.table([_one_kind(list(column)) for column in columns], names=names)


def _one_kind(cells: list[Any]) -> pa.Array:
    """Cells as Arrow; as text where they are of several kinds."""
    try:
        return pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return pa.array([None if cell is None else str(cell) for cell in cells], type=pa.string())


def _as_arrow(frame: pd.DataFrame) -> pa.Table:
    """Rows of a sheet as Arrow; blank cells are null."""
    columns = {}
    for name in frame.columns:
        try:
            columns[str(name)] = pa.Array.from_pandas(frame[name])
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            columns[str(name)] = _one_kind(frame[name].astype(object).where(frame[name].notna(), None).tolist())
    return pa.table(columns)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
