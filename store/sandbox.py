"""Runs a user's SQL in a DuckDB of its own that reads declared folders only and reaches no network."""

import re
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from domain.errors import BadQuery, NotThere
from domain.params import ImportParams
from store.outside import Room
from store.paths import with_absolute_paths
from store.source import ImportSource

ABSENT_TABLE = re.compile(r"Table with name (/.+?) does not exist")
"""What DuckDB says of a quoted path whose ending it knows no reader for."""
OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


class Sandbox:
    """One in-memory database for one import; a context manager.

    Parameters
    ----------
    source
        The import; its sources become views, its folders variables.
    params
        Limits.
    """

    def __init__(self, source: ImportSource, params: ImportParams) -> None:
        self._source = source
        self._private = tempfile.TemporaryDirectory(prefix="lanewise-import-")
        self._connection = duckdb.connect(":memory:", config=OFFLINE)
        try:
            self._furnish(params)
            self._lock()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and remove what was unpacked."""
        self._connection.close()
        self._private.cleanup()

    def rows(self, table: str) -> pa.Table:
        """Run the query of a table.

        Raises
        ------
        BadQuery
            If it is not exactly one SELECT, does not run, or reads outside.
        NotThere
            If a file it names does not exist.
        """
        file = f"{table}.sql"
        sql = self._one_select(file, self._source.queries[table])
        try:
            rows = self._connection.sql(sql).to_arrow_table()
        except duckdb.BinderException:
            raise self._located(file, sql) from None
        except duckdb.Error as error:
            raise self._refused(file, error) from None
        return _distinct_names(file, rows)

    def cast(self, rows: pa.Table, select: str) -> pa.Table:
        """Run a SELECT of this package's own over ``rows``, a table of that name."""
        self._connection.register("rows", rows)
        try:
            return self._connection.sql(select).to_arrow_table()
        finally:
            self._connection.unregister("rows")

    def _furnish(self, params: ImportParams) -> None:
        room = Room(self._find, Path(self._private.name), params.max_archive_mb)
        for name, source in self._source.sources.items():
            loaded = source.load(room)
            if isinstance(loaded, str):
                self._view(name, loaded)
            else:
                self._connection.register(name, loaded)
        for name, folder in self._source.folders.items():
            self._connection.execute(f"SET VARIABLE {name} = '{_escaped(folder)}'")

    def _view(self, name: str, select: str) -> None:
        try:
            self._connection.execute(f'CREATE VIEW "{name}" AS {select}')
        except duckdb.Error as error:
            raise BadQuery(f"[sources] {name} cannot be read: {error}") from None

    def _lock(self) -> None:
        allowed = ", ".join(f"'{_escaped(folder)}'" for folder in [*self._source.readable, self._private.name])
        for statement in (
            # One thread: the order of rows, and with it every float sum, is the same on every run.
            "SET threads = 1",
            "SET TimeZone = 'UTC'",
            # Otherwise a name that is no table is looked up among this process's Python variables.
            "SET python_enable_replacements = false",
            f"SET temp_directory = '{_escaped(self._private.name)}'",
            f"SET allowed_directories = [{allowed}]",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(statement)

    def _find(self, said: str) -> Path:
        """A file of ``[sources]`` in the folders that may be read."""
        candidates = [(folder / said).resolve() for folder in self._source.readable]
        inside = [path for path in candidates if any(path.is_relative_to(top) for top in self._source.readable)]
        if not inside:
            raise BadQuery(f"[sources] names {said!r}, which lies outside {self._where()}")
        for path in inside:
            if path.is_file():
                return path
        raise NotThere(f"[sources] names {said!r}, which is not in {self._where()}")

    def _where(self) -> str:
        declared = "".join(f", [folders] {name} ({path})" for name, path in self._source.folders.items())
        return f"the import folder ({self._source.folder}){declared}"

    def _one_select(self, file: str, sql: str) -> str:
        try:
            statements = self._connection.extract_statements(sql)
        except duckdb.Error as error:
            raise self._refused(file, error) from None
        kinds = [statement.type for statement in statements]
        if kinds != [duckdb.StatementType.SELECT]:
            found = ", ".join(kind.name for kind in kinds) or "nothing"
            raise BadQuery(f"{file} must hold exactly one SELECT, but holds {found}")
        with suppress(duckdb.Error, ValueError):
            return with_absolute_paths(sql, self._connection, self._source.readable)
        return sql

    def _located(self, file: str, sql: str) -> BadQuery | NotThere:
        """The refusal of a query that does not bind, with the line: only ``execute`` tells it."""
        try:
            self._connection.execute(sql).fetchall()
        except duckdb.Error as error:
            return self._refused(file, error)
        return BadQuery(f"{file} does not run")

    def _refused(self, file: str, error: duckdb.Error) -> BadQuery | NotThere:
        if isinstance(error, duckdb.PermissionException) or "has been locked" in str(error) or self._is_outside(error):
            return BadQuery(
                f"{file} reaches outside: {error}\nIt may read {self._where()}; "
                "declare another folder under [folders] in manifest.toml"
            )
        if isinstance(error, duckdb.IOException):
            return NotThere(f"{file}: {error}\nLooked in {self._where()}")
        return BadQuery(f"{file} does not run: {error}")

    def _is_outside(self, error: duckdb.Error) -> bool:
        """Whether a query names a path outside that DuckDB took for the name of a table."""
        named = ABSENT_TABLE.search(str(error))
        return named is not None and not any(
            Path(named[1]).resolve().is_relative_to(top) for top in self._source.readable
        )


def _distinct_names(file: str, rows: pa.Table) -> pa.Table:
    twice = sorted({name for name in rows.column_names if rows.column_names.count(name) > 1})
    if twice:
        raise BadQuery(f"{file} selects the column {twice[0]!r} more than once; name each column once")
    return rows


def _escaped(path: object) -> str:
    return str(path).replace("'", "''")
