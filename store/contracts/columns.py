"""What a contract can say about a column and a table."""

from dataclasses import dataclass
from enum import StrEnum

USER_PREFIX = "x_"
"""Columns that begin so are the user's own and travel along."""


class Kind(StrEnum):
    """Kind of a column, with its dtype in frames."""

    TEXT = "str"
    NUMBER = "float64"
    FLAG = "boolean"
    MOMENT = "datetime64[us, UTC]"

    @property
    def words(self) -> str:
        """The kind in words for messages."""
        return {"TEXT": "text", "NUMBER": "number", "FLAG": "true or false", "MOMENT": "timestamp"}[self.name]


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Attributes
    ----------
    name, kind
        Its name, unit included, and what it holds.
    required
        The table must have it, and no cell may be null.
    low, high
        Smallest and largest value, both inclusive.
    codes
        The only values allowed.
    finite
        No infinity is allowed, also where a bound is open.
    """

    name: str
    kind: Kind
    required: bool = False
    low: float | None = None
    high: float | None = None
    codes: tuple[str, ...] | None = None
    finite: bool = False


@dataclass(frozen=True)
class CodesOf:
    """The only values of ``column`` in rows whose ``where`` is ``equals``."""

    column: str
    where: str
    equals: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Contract:
    """Everything that is promised of one canonical table.

    Attributes
    ----------
    table
        Its name.
    columns
        Its columns in canonical order.
    ordered
        Pairs (earlier, later) of moments; where both are given, later is not before earlier.
    listed
        Codes that depend on another column.
    """

    table: str
    columns: tuple[Column, ...]
    ordered: tuple[tuple[str, str], ...] = ()
    listed: tuple[CodesOf, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in canonical order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)
