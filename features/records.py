"""Tables as arrays: numbers, moments in microseconds, names as numbers; and the columns of subjects made from them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.words import NO_WORD, Vocabulary
from store.contracts.columns import Kind
from store.frames import arrow_column

Floats = NDArray[np.float64]
Moments = NDArray[np.int64]
Names = NDArray[np.int32]
Array = NDArray[Any]

NO_MOMENT = int(np.iinfo(np.int64).min)
"""A moment that is unknown."""
MINUTE = 60_000_000
"""Microseconds."""


def microseconds(moments: pd.Series) -> Moments:
    """Moments as microseconds since 1970 (UTC), :data:`NO_MOMENT` where unknown."""
    return np.asarray(moments.dt.tz_convert(None).to_numpy("datetime64[us]").view(np.int64))


def minutes_between(later: Moments, earlier: Moments) -> Floats:
    """Minutes from ``earlier`` to ``later``, NaN where either is unknown."""
    unknown = (later == NO_MOMENT) | (earlier == NO_MOMENT)
    return np.where(unknown, np.nan, (later - earlier) / MINUTE)


def says_something(column: Array) -> bool:
    """Whether any cell of a column of numbers or names is not missing."""
    there = column >= 0 if column.dtype == np.int32 else column == column
    return bool(there[0] or there.any()) if there.size else False


class Columns(Protocol):
    """Columns of n rows; one that is absent is missing throughout."""

    def __len__(self) -> int:
        """How many rows."""
        ...

    @property
    def names(self) -> Collection[str]:
        """Columns that are there."""
        ...

    def is_text(self, name: str) -> bool:
        """Whether a column that is there holds names."""
        ...

    def is_moment(self, name: str) -> bool:
        """Whether a column that is there holds moments."""
        ...

    def number(self, name: str) -> Floats:
        """Shape (n,), NaN where missing."""
        ...

    def moment(self, name: str) -> Moments:
        """Shape (n,), :data:`NO_MOMENT` where missing."""
        ...

    def text(self, name: str) -> Names:
        """Shape (n,), :data:`NO_WORD` where missing."""
        ...


class Records:
    """Columns in Arrow as arrays; each is converted when it is first asked for.

    Parameters
    ----------
    types
        Columns that are there, with their type.
    column
        Gives one of them, each of ``size`` cells.
    """

    def __init__(
        self, types: Mapping[str, pa.DataType], size: int, column: Callable[[str], pa.Array], vocabulary: Vocabulary
    ) -> None:
        self._size = size
        self._column = column
        self._vocabulary = vocabulary
        self._made: dict[str, Array] = {}
        self.kinds = {name: kind_of_type(found) for name, found in types.items()}
        """What each column holds; flags are numbers."""

    def __len__(self) -> int:
        return self._size

    @property
    def names(self) -> Collection[str]:
        """Columns that are there."""
        return self.kinds.keys()

    def is_text(self, name: str) -> bool:
        """Whether a column holds names."""
        return self.kinds[name] is Kind.TEXT

    def is_moment(self, name: str) -> bool:
        """Whether a column holds moments."""
        return self.kinds[name] is Kind.MOMENT

    def number(self, name: str) -> Floats:
        """Numbers, flags as 0 and 1."""
        return self._once(name, _numbers, np.nan)

    def moment(self, name: str) -> Moments:
        """Moments in microseconds."""
        return self._once(name, _moments, NO_MOMENT)

    def text(self, name: str) -> Names:
        """Names as numbers of the vocabulary that the column speaks."""
        return self._once(name, self._vocabulary.of(name).numbers, np.int32(NO_WORD))

    def all(self) -> "Described":
        """Every row as one that is described by itself."""
        return Described((self,), len(self))

    def _once(self, name: str, convert: Callable[[pa.Array], Array], missing: Any) -> Array:
        if name not in self._made:
            there = name in self.kinds
            self._made[name] = convert(self._column(name)) if there else np.full(len(self), missing)
        return self._made[name]


def kind_of_type(found: pa.DataType) -> Kind:
    """What a column of an Arrow type holds."""
    if pa.types.is_timestamp(found):
        return Kind.MOMENT
    number = pa.types.is_floating(found) or pa.types.is_integer(found) or pa.types.is_boolean(found)
    return Kind.NUMBER if number else Kind.TEXT


def _numbers(column: pa.Array) -> Floats:
    return np.asarray(column.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False))


def _moments(column: pa.Array) -> Moments:
    counted = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    return np.asarray(counted.fill_null(NO_MOMENT).to_numpy(zero_copy_only=False))


def records_of(frame: pd.DataFrame, vocabulary: Vocabulary) -> Records:
    """A frame as arrays."""
    columns = {str(name): arrow_column(frame[name]) for name in frame}
    return Records({name: column.type for name, column in columns.items()}, len(frame), columns.__getitem__, vocabulary)


@dataclass(frozen=True)
class Given:
    """Columns as arrays: what they hold is told by their type (float64 numbers, int64 moments, int32 names)."""

    columns: Mapping[str, Array]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def names(self) -> Collection[str]:
        """Columns that are there."""
        return tuple(self.columns)

    def is_text(self, name: str) -> bool:
        """Whether a column holds names."""
        return bool(self.columns[name].dtype == np.int32)

    def is_moment(self, name: str) -> bool:
        """Whether a column holds moments."""
        return bool(self.columns[name].dtype == np.int64)

    def number(self, name: str) -> Floats:
        """Numbers, flags as 0 and 1."""
        return self.columns[name]

    def moment(self, name: str) -> Moments:
        """Moments in microseconds."""
        return self.columns[name]

    def text(self, name: str) -> Names:
        """Names as numbers of the vocabulary that the column speaks."""
        return self.columns[name]


@dataclass(frozen=True)
class Rows:
    """Rows of records, one for each subject; a position of −1 is no row.

    Attributes
    ----------
    positions
        Shape (n,).
    without
        Columns that are not shown.
    """

    records: Records
    positions: NDArray[np.int64]
    without: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return int(self.positions.size)

    @property
    def names(self) -> Collection[str]:
        """Columns that are shown."""
        return tuple(name for name in self.records.names if name not in self.without)

    def is_text(self, name: str) -> bool:
        """Whether a column holds names."""
        return self.records.is_text(name)

    def is_moment(self, name: str) -> bool:
        """Whether a column holds moments."""
        return self.records.is_moment(name)

    def number(self, name: str) -> Floats:
        """Numbers of each subject's row."""
        return self._taken(self.records.number(name), np.nan)

    def moment(self, name: str) -> Moments:
        """Moments of each subject's row."""
        return self._taken(self.records.moment(name), NO_MOMENT)

    def text(self, name: str) -> Names:
        """Names of each subject's row."""
        return self._taken(self.records.text(name), np.int32(NO_WORD))

    def _taken(self, values: Array, missing: Any) -> Array:
        if not len(values):
            return np.full(self.positions.size, missing)
        return np.where(self.positions < 0, missing, values[self.positions])


class Described:
    """What is known of n subjects: each cell from the first layer that says it."""

    def __init__(self, layers: Sequence[Columns], size: int) -> None:
        self._layers = layers
        self._size = size
        self._made: dict[str, Array] = {}
        self._names = dict.fromkeys(name for layer in layers for name in layer.names)

    def __len__(self) -> int:
        return self._size

    @property
    def names(self) -> Collection[str]:
        """Columns that some layer has."""
        return self._names.keys()

    def is_text(self, name: str) -> bool:
        """Whether a column holds names."""
        return next(layer.is_text(name) for layer in self._layers if name in layer.names)

    def is_moment(self, name: str) -> bool:
        """Whether a column holds moments."""
        return next(layer.is_moment(name) for layer in self._layers if name in layer.names)

    def number(self, name: str) -> Floats:
        """Shape (n,), NaN where nobody says it."""
        return self._first(name, lambda layer: layer.number(name), np.isnan, np.nan)

    def moment(self, name: str) -> Moments:
        """Shape (n,), :data:`NO_MOMENT` where nobody says it."""
        return self._first(name, lambda layer: layer.moment(name), lambda found: found == NO_MOMENT, NO_MOMENT)

    def text(self, name: str) -> Names:
        """Shape (n,), :data:`NO_WORD` where nobody says it."""
        missing = np.int32(NO_WORD)
        return self._first(name, lambda layer: layer.text(name), lambda found: found == missing, missing)

    def _first(
        self, name: str, ask: Callable[[Columns], Array], unsaid: Callable[[Array], Array], missing: Any
    ) -> Array:
        if name not in self._made:
            found: Array | None = None
            for layer in self._layers:
                if name in layer.names:
                    told = ask(layer)
                    found = told if found is None else np.where(unsaid(found), told, found)
            self._made[name] = np.full(self._size, missing) if found is None else found
        return self._made[name]
