"""Rows as a query gave them become a canonical frame; cells that cannot are told."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from domain.errors import BadTable
from store.casts import Cast, cast_of, own_kind
from store.contracts.columns import USER_PREFIX, Kind
from store.contracts.tables import CONTRACTS, supplied
from store.localtime import to_utc
from store.source import nearest
from store.verdicts import Verdicts


class Caster(Protocol):
    """Runs a SELECT over an Arrow table named ``rows``."""

    def __call__(self, rows: pa.Table, select: str) -> pa.Table:
        """The result as Arrow."""
        ...


def check_columns(table: str, names: Iterable[str]) -> None:
    """Refuse a table with a column that nothing knows, or without one that it needs.

    Raises
    ------
    BadTable
        The message names table, column and the file to edit.
    """
    names, known = list(names), CONTRACTS[table].names
    for name in names:
        if name not in known and not name.startswith(USER_PREFIX):
            raise BadTable(
                f"{table}: the column {name!r} is none of this table's{nearest(name, known)} Correct {table}.sql: "
                f"columns of your own begin with x_; the table's are {', '.join(known)}"
            )
    for name in supplied(table):
        if name not in names:
            raise BadTable(
                f"{table}: the required column {name!r} is missing; add it to {table}.sql (it has {', '.join(names)})"
            )


def canonical(table: str, rows: pa.Table, zone: ZoneInfo, cast: Caster, verdicts: Verdicts) -> pd.DataFrame:
    """Bring every column into its kind.

    Parameters
    ----------
    table
        Name of the table.
    rows
        n rows as the query gave them; columns already checked.
    zone
        Zone of timestamps that carry none.
    cast
        Where expressions run.
    verdicts
        Learns which rows hold a cell that is not of its kind; the cell is null in the frame.

    Returns
    -------
    pandas.DataFrame
        n rows, index 0 … n-1, the user's columns only.
    """
    kinds = {name: _kind(table, name, rows.schema.field(name).type) for name in rows.column_names}
    casts = {name: cast_of(name, rows.schema.field(name).type, kind) for name, kind in kinds.items()}
    parts = cast(rows, f"SELECT {', '.join(_expressions(list(casts.values()), list(kinds.values())))} FROM rows")
    columns = {}
    for i, (name, kind) in enumerate(kinds.items()):
        found = _shown(rows, name)
        verdicts.mark(_true(parts[f"bad{i}"]), f"{name} is no {kind.words}", found)
        value = parts[f"value{i}"].to_pandas().astype(kind.value)
        if kind is Kind.MOMENT and parts[f"local{i}"].null_count < len(rows):
            value = _with_local(name, value, parts[f"local{i}"], zone, verdicts, found)
        columns[name] = value
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))


def _kind(table: str, name: str, of: pa.DataType) -> Kind:
    return own_kind(of) if name.startswith(USER_PREFIX) else CONTRACTS[table].column(name).kind


def _expressions(casts: list[Cast], kinds: list[Kind]) -> list[str]:
    expressions = []
    for i, (cast, kind) in enumerate(zip(casts, kinds, strict=True)):
        expressions.append(f"{cast.value} AS value{i}")
        missing = f"({cast.value}) IS NULL"
        if kind is Kind.MOMENT:
            expressions.append(f"{cast.local} AS local{i}")
            missing += f" AND ({cast.local}) IS NULL"
        expressions.append(f"({cast.given}) AND {missing} AS bad{i}")
    return expressions


def _with_local(
    name: str,
    value: pd.Series,
    local: pa.ChunkedArray,
    zone: ZoneInfo,
    verdicts: Verdicts,
    found: Callable[[int], object],
) -> pd.Series:
    read = to_utc(local.to_pandas().astype("datetime64[us]"), zone)
    verdicts.mark(read.missing, f"{name} does not exist in {zone.key} (the clocks went forward)", found)
    verdicts.mark(read.twice, f"{name} exists twice in {zone.key} (the clocks went back)", found)
    return value.fillna(read.utc)


def _shown(rows: pa.Table, name: str) -> Callable[[int], object]:
    def shown(position: int) -> object:
        try:
            value = rows[name][position].as_py()
        except (OverflowError, ValueError):
            return "a time beyond the calendar"
        return repr(value) if isinstance(value, str) else value

    return shown


def _true(flags: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    return np.asarray(flags.to_numpy(zero_copy_only=False), dtype=bool)
