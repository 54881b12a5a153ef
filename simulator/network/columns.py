"""Records held as columns: dataclasses whose every field is an array with an entry, or a row, for each record."""

from collections.abc import Sequence
from dataclasses import Field, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from simulator.network.noise import Ints

Rows = NDArray[np.bool_] | Ints | slice


class Columns:
    """Arrays of one length, an entry of each belonging together: rows can be taken, put back and joined.

    A field may itself be columns.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def __getitem__(self, rows: Rows) -> Self:
        return type(self)(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})

    def put(self, rows: Rows, other: Self) -> None:
        """Overwrite rows with those of another."""
        for one in fields(self):
            getattr(self, one.name)[rows] = getattr(other, one.name)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """One after the other; there must be at least one part."""
        return cls(**{one.name: _joined([getattr(part, one.name) for part in parts]) for one in fields(cls)})


def _joined(values: Sequence[Any]) -> Any:
    return type(values[0]).joined(values) if isinstance(values[0], Columns) else np.concatenate(values)
