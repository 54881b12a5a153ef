"""DuckDB expressions that bring a cell of any type into a canonical kind, or say that it is none."""

from dataclasses import dataclass

import pyarrow as pa

from store.contracts.columns import Kind

ZONED_TEXT = r"[0-9]:[0-9]{2}[0-9:.]*\s*([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$"
"""A time of day that is followed by a zone or an offset."""


@dataclass(frozen=True)
class Cast:
    """Expressions over one column.

    Attributes
    ----------
    value
        The cell in its kind (moments: ``TIMESTAMPTZ``), or null.
    given
        Whether the cell says anything at all; one that does and has no value is bad.
    local
        Moments only: the local ``TIMESTAMP`` of a cell without zone, or null.
    """

    value: str
    given: str
    local: str = "NULL::TIMESTAMP"


def cast_of(name: str, of: pa.DataType, kind: Kind) -> Cast:
    """How a column of an Arrow type is read as a kind."""
    column = '"' + name.replace('"', '""') + '"'
    given = f"{column} IS NOT NULL"
    if is_text(of):
        given = f"coalesce(trim({column}) <> '', false)"
    elif pa.types.is_floating(of):
        given += f" AND NOT isnan({column})"
    if kind is Kind.MOMENT:
        return _moment(column, of, given)
    value = {Kind.TEXT: _text, Kind.NUMBER: _number, Kind.FLAG: _flag}[kind](column, of)
    return Cast(f"CASE WHEN {given} THEN {value} END", given)


def own_kind(of: pa.DataType) -> Kind:
    """Kind of a user's own column: numbers and truth values, moments, and text for all else."""
    if pa.types.is_timestamp(of) or pa.types.is_date(of):
        return Kind.MOMENT
    return Kind.NUMBER if _is_number(of) or pa.types.is_boolean(of) else Kind.TEXT


def is_text(of: pa.DataType) -> bool:
    """Whether cells of an Arrow type are text."""
    if pa.types.is_dictionary(of):
        return is_text(of.value_type)
    return bool(pa.types.is_string(of) or pa.types.is_large_string(of) or pa.types.is_string_view(of))


def _is_number(of: pa.DataType) -> bool:
    return bool(pa.types.is_integer(of) or pa.types.is_floating(of) or pa.types.is_decimal(of))


def _text(column: str, of: pa.DataType) -> str:
    """Text as it is; a whole number without a decimal point, whatever type it came in."""
    if pa.types.is_floating(of) or pa.types.is_decimal(of):
        whole = f"{column} = trunc({column}) AND abs({column}) < 1e18"
        return f"CASE WHEN {whole} THEN {column}::HUGEINT::VARCHAR ELSE {column}::VARCHAR END"
    return f"{column}::VARCHAR"


def _number(column: str, of: pa.DataType) -> str:
    if is_text(of):
        column = f"trim({column})"
    elif not _is_number(of) and not pa.types.is_boolean(of):
        return "NULL::DOUBLE"
    number = f"TRY_CAST({column} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _flag(column: str, of: pa.DataType) -> str:
    if pa.types.is_boolean(of):
        return column
    if is_text(of):
        return f"TRY_CAST(trim({column}) AS BOOLEAN)"
    return f"CASE {column} WHEN 0 THEN false WHEN 1 THEN true END" if _is_number(of) else "NULL::BOOLEAN"


def _moment(column: str, of: pa.DataType, given: str) -> Cast:
    if pa.types.is_timestamp(of) and of.tz is not None:
        return Cast(_plausible(f"{column}::TIMESTAMPTZ"), given)
    if pa.types.is_timestamp(of) or pa.types.is_date(of):
        return Cast("NULL::TIMESTAMPTZ", given, _plausible(f"{column}::TIMESTAMP"))
    if not is_text(of):
        return Cast("NULL::TIMESTAMPTZ", given)
    text = f"trim({column})"
    plain = f"TRY_CAST({text} AS TIMESTAMP)"
    zoned = f"({plain} IS NULL OR regexp_matches({text}, '{ZONED_TEXT}'))"
    return Cast(
        f"CASE WHEN {zoned} THEN {_plausible(f'TRY_CAST({text} AS TIMESTAMPTZ)')} END",
        given,
        f"CASE WHEN NOT {zoned} THEN {_plausible(plain)} END",
    )


def _plausible(moment: str) -> str:
    """Calendars begin where zones are defined; later than year 9999 no calendar library can read."""
    return f"CASE WHEN isfinite({moment}) AND year({moment}) BETWEEN 1900 AND 9999 THEN {moment} END"
