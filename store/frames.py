"""Canonical frames: every column in its dtype, in the total order."""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from domain.codes import X12_STATUS
from domain.facts import FACTS
from store.contracts.columns import Kind
from store.contracts.tables import ALWAYS_KNOWN, CONTRACTS

EPOCH = pd.Timestamp(0, unit="s", tz="UTC")
"""``known_at`` of reference records that count as always known."""

ARROW_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
}


def completed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every canonical column in its dtype and the defaults of known times and code lists.

    Parameters
    ----------
    table
        Name of the table.
    frame
        Its rows; columns may be absent. Those that are neither canonical nor ``x_…`` stay out.
    """
    own = [str(name) for name in frame.columns if str(name).startswith("x_")]
    columns = {c.name: _in_kind(frame, c.name, c.kind) for c in CONTRACTS[table].columns}
    return with_defaults(table, pd.DataFrame(columns, index=frame.index).join(frame[own]))


def _in_kind(frame: pd.DataFrame, name: str, kind: Kind) -> pd.Series:
    if name not in frame:
        return pd.Series(pd.NaT if kind is Kind.MOMENT else None, index=frame.index, dtype=kind.value)
    column = frame[name]
    return column if str(column.dtype) == kind.value else column.astype(kind.value)


def with_defaults(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with what the table's defaults fill: ``known_at``, ``code_list``, the second half's known time.

    A second half that is wholly blank has no known time, whatever was given.
    """
    fact, filled = FACTS[table], {}
    if table == "milestones":
        given = frame["code_list"] if "code_list" in frame else pd.Series(None, frame.index, dtype="str")
        filled["code_list"] = given.fillna(X12_STATUS)
    if not fact.timeless:
        filled["known_at"] = _known_at(table, frame)
    if fact.second is not None:
        happened, known = _moments(frame, fact.second.happened), _moments(frame, fact.second.known)
        filled[fact.second.known] = known.fillna(happened).mask(second_is_blank(table, frame))
    return frame.assign(**filled)


def _known_at(table: str, frame: pd.DataFrame) -> pd.Series:
    known, default = _moments(frame, "known_at"), FACTS[table].known_default
    if default is not None:
        known = known.fillna(_moments(frame, default))
    return known.fillna(EPOCH) if table in ALWAYS_KNOWN else known


def _moments(frame: pd.DataFrame, name: str) -> pd.Series:
    return _in_kind(frame, name, Kind.MOMENT)


def second_is_blank(table: str, frame: pd.DataFrame) -> pd.Series:
    """Rows whose second half says nothing: every column of it is null or its blank."""
    second = FACTS[table].second
    blank = pd.Series(True, index=frame.index)
    if second is None:
        return blank
    for name, value in zip(second.columns, second.blank, strict=True):
        if name in frame:
            blank &= frame[name].isna() | (False if value is None else frame[name].eq(value).fillna(False).astype(bool))
    return blank


def in_order(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame sorted by (known_at, fact key), nulls last, with a fresh index."""
    rows = pa.table({name: arrow_column(frame[name]) for name in ("known_at", *FACTS[table].key) if name in frame})
    return frame.take(order_of(table, rows).to_numpy()).reset_index(drop=True)


def order_of(table: str, rows: pa.Table) -> pa.Array:
    """Positions of the rows in the order (known_at, fact key), nulls last; of equals, the earlier row comes first."""
    by = [name for name in ("known_at", *FACTS[table].key) if name in rows.column_names]
    return pc.sort_indices(rows.select(by).combine_chunks(), [(name, "ascending") for name in by])


def arrow_column(column: pd.Series) -> pa.Array:
    """A column as Arrow, moments with their zone."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        # pyarrow would read them through a pandas property that is deprecated.
        return pa.array(column.dt.tz_convert(None).astype("datetime64[us]").to_numpy(), type=ARROW_TYPES[Kind.MOMENT])
    found = pa.Array.from_pandas(column)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
