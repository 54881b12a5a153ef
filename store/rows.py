"""Canonical tables as Arrow rows: columns, types, known times, order."""

from collections.abc import Iterable

import pyarrow as pa

from domain.errors import BadTable
from domain.facts import FACTS
from store.casts import own_kind
from store.contracts.columns import USER_PREFIX
from store.contracts.tables import CONTRACTS, supplied
from store.frames import ARROW_TYPES, arrow_column, order_of, with_defaults


def canonical_rows(table: str, rows: pa.Table) -> pa.Table:
    """The rows with their canonical columns in order, then the user's own; any others stay out.

    Parameters
    ----------
    table
        Name of the table.
    rows
        Text may be dictionary-encoded; it comes back as plain text.

    Raises
    ------
    BadTable
        If a column's values cannot be of its kind.
    """
    known = {column.name: ARROW_TYPES[column.kind] for column in CONTRACTS[table].columns}
    own = sorted(name for name in rows.column_names if name.startswith(USER_PREFIX))
    types = {name: of for name, of in known.items() if name in rows.column_names}
    types |= {name: ARROW_TYPES[own_kind(rows.schema.field(name).type)] for name in own}
    return pa.table({name: _cast(table, name, rows[name], of) for name, of in types.items()})


def _cast(table: str, name: str, column: pa.ChunkedArray, of: pa.DataType) -> pa.ChunkedArray:
    try:
        return column.cast(of)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BadTable(f"{table}: {name} is {column.type} and cannot be stored as {of}: {error}") from None


def with_known_times(table: str, rows: pa.Table) -> pa.Table:
    """Canonical rows with the defaults of :func:`store.frames.with_defaults`."""
    fact, filled_in = FACTS[table], ("known_at", *(("code_list",) if table == "milestones" else ()))
    if fact.second is None and all(name in rows.column_names and not rows[name].null_count for name in filled_in):
        return rows
    named = {*filled_in, fact.known_default}
    if fact.second is not None:
        named |= {fact.second.happened, fact.second.known, *fact.second.columns}
    looked_at = rows.select([name for name in rows.column_names if name in named]).to_pandas()
    filled = with_defaults(table, looked_at)
    changed = [str(name) for name in filled if name not in looked_at or not filled[name].equals(looked_at[name])]
    columns = {name: rows[name] for name in rows.column_names} | {name: arrow_column(filled[name]) for name in changed}
    return canonical_rows(table, pa.table(columns)) if changed else rows


def in_total_order(table: str, rows: pa.Table) -> pa.Table:
    """The rows sorted by (known_at, fact key), nulls last."""
    return rows.take(order_of(table, rows))


def refuse_columns(table: str, names: Iterable[str]) -> None:
    """Refuse a table that is not canonical, a column that it does not know, or the lack of one that it needs.

    Raises
    ------
    BadTable
        The message names the table and the column.
    """
    if table not in CONTRACTS:
        raise BadTable(f"{table!r} is no canonical table; they are {', '.join(CONTRACTS)}")
    given, known = list(names), CONTRACTS[table].names
    for name in given:
        if name not in known and not name.startswith(USER_PREFIX):
            raise BadTable(f"{table}: {name!r} is no column of it; its columns are {', '.join(known)}, and x_…")
    for name in supplied(table):
        if name not in given:
            raise BadTable(f"{table}: the required column {name!r} is missing; it has {', '.join(given)}")
