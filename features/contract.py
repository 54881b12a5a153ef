"""The contract of the feature frame, generated from the catalogue: a column's unit says what it may hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from features.family import Description
from store.contracts.columns import Column, Contract, Kind

TABLE = "features"


@dataclass(frozen=True)
class Range:
    """Smallest and largest value of a unit, both inclusive; ``None`` where there is no bound but infinity."""

    low: float | None = None
    high: float | None = None


RANGES: Mapping[str, Range] = {
    "0–1": Range(0, 1),
    "0/1": Range(0, 1),
    "0–6": Range(0, 6),
    "h": Range(0, 24),
    "±3 d": Range(-3, 3),
    "±1": Range(-1, 1),
    "count": Range(0),
    "rank": Range(1),
    "km": Range(0),
    "kg": Range(0),
    "m³": Range(0),
    "km/h": Range(0),
    "asinh(min / 15)²": Range(0),
}
"""Unit → range. Units that are not here (min, money, transformed ones) may be negative and have no bound."""

CATEGORY = "category"
AS_RECORDED = "as recorded"


def contract_of(columns: Mapping[str, Any], descriptions: Iterable[Description]) -> Contract:
    """The contract of a feature frame.

    Parameters
    ----------
    columns
        Name → dtype in the frame's order, such as ``frame.dtypes``.
    descriptions
        Lines of the catalogue. A column belongs to the line of its name, else to the line whose ``*`` pattern fits
        with the most other letters, so that ``x_*_history`` comes before ``x_*``.

    Returns
    -------
    Contract
        A column each: text for categories, and for the user's own what the dtype says; numbers of everything else,
        within the range of their unit and never infinite. All may be missing.

    Raises
    ------
    LookupError
        If no line describes a column.
    """
    lines = tuple(descriptions)
    return Contract(TABLE, tuple(_column(name, of, _line(name, lines)) for name, of in columns.items()))


def _line(name: str, lines: tuple[Description, ...]) -> Description:
    fitting = [line for line in lines if line.name == name or ("*" in line.name and fnmatchcase(name, line.name))]
    if not fitting:
        raise LookupError(f"the feature {name!r} is described by no line of the catalogue")
    return max(fitting, key=lambda line: (line.name == name, len(line.name)))


def _column(name: str, of: Any, line: Description) -> Column:
    if line.unit == CATEGORY or (line.unit == AS_RECORDED and pd.api.types.is_string_dtype(of)):
        return Column(name, Kind.TEXT)
    allowed = RANGES.get(line.unit, Range())
    return Column(name, Kind.NUMBER, low=allowed.low, high=allowed.high, finite=True)
