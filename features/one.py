"""One row as columns of a single cell: what is known of one subject now."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from domain.errors import LanewiseError
from features.records import NO_MOMENT, Floats, Moments, Names
from features.words import NO_WORD, Vocabulary
from store.contracts.columns import Kind

Cells = dict[str, float | int]
"""Cells that are not missing: numbers, moments in microseconds, names as numbers."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class One:
    """Cells of one row, and the kinds of all columns that it could have."""

    def __init__(self, cells: Mapping[str, float | int], kinds: Mapping[str, Kind]) -> None:
        self.cells = cells
        self._kinds = kinds

    def __len__(self) -> int:
        return 1

    @property
    def names(self) -> Collection[str]:
        """Columns that are there."""
        return self._kinds.keys()

    def is_text(self, name: str) -> bool:
        """Whether a column holds names."""
        return self._kinds[name] is Kind.TEXT

    def is_moment(self, name: str) -> bool:
        """Whether a column holds moments."""
        return self._kinds[name] is Kind.MOMENT

    def number(self, name: str) -> Floats:
        """One number, NaN where missing."""
        return np.array([self.cells.get(name, np.nan)], dtype=np.float64)

    def moment(self, name: str) -> Moments:
        """One moment, :data:`NO_MOMENT` where missing."""
        return np.array([self.cells.get(name, NO_MOMENT)], dtype=np.int64)

    def text(self, name: str) -> Names:
        """One name, :data:`NO_WORD` where missing."""
        return np.array([self.cells.get(name, NO_WORD)], dtype=np.int32)


class Coder:
    """Turns rows of one table into cells.

    Parameters
    ----------
    kinds
        What each column holds; others are left out.
    """

    def __init__(self, kinds: Mapping[str, Kind], vocabulary: Vocabulary) -> None:
        made: dict[Kind, Callable[[str], Callable[[Any], float | int]]] = {
            Kind.TEXT: lambda name: vocabulary.of(name).number,
            Kind.MOMENT: lambda name: microseconds_of,
            Kind.NUMBER: lambda name: float,
        }
        self._kinds = kinds
        self._code = {name: (made[kind](name), TYPES[kind]) for name, kind in kinds.items()}

    def cells(self, row: Mapping[str, Any]) -> Cells:
        """Cells of a row that say something.

        Raises
        ------
        LanewiseError
            If a value is not of its column's kind.
        """
        cells: Cells = {}
        for name, value in row.items():
            if value is None or value != value or name not in self._code:
                continue
            code, types = self._code[name]
            if not isinstance(value, types):
                raise LanewiseError(f"{name} is a {self._kinds[name].words}, but {value!r} came")
            cells[name] = code(value)
        return cells


TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.MOMENT: (int, datetime),
    Kind.NUMBER: (float, int, np.number, np.bool_),
}
"""What a cell may come as; moments also as microseconds since 1970 (UTC)."""


def microseconds_of(moment: int | datetime) -> int:
    """A moment as microseconds since 1970 (UTC)."""
    return moment if isinstance(moment, int) else (moment - EPOCH) // MICROSECOND
