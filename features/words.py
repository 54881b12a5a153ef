"""Names as numbers: each kind of name (carriers, places, shipments, …) has a vocabulary of its own."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

NO_WORD = -1
GUESTS = 2**30
"""Number of the first word that an asker brought along."""
FEW = 200
"""Words are few where so many times more are known: then each is looked up by itself."""
PLACE = "place"
KIND_OF = {"origin_id": PLACE, "destination_id": PLACE, "site_id": PLACE, "place_id": PLACE}
"""Columns that speak of one kind of thing share its vocabulary; any other column has its own."""


class Words:
    """Numbers for the words of one kind, in the order in which they were first met.

    Parameters
    ----------
    base
        Words that are known already; new ones are numbered from :data:`GUESTS` on, and ``base`` does not learn them.
    """

    def __init__(self, base: "Words | None" = None) -> None:
        self._base = base
        self._first = 0 if base is None else GUESTS
        self._many = pa.array([], pa.string())
        self._single: list[str] = []
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._many) + len(self._single)

    @property
    def words(self) -> list[str]:
        """Every word by its number."""
        return [*self._many.to_pylist(), *self._single]

    def number(self, word: str) -> int:
        """The word's number; a new word gets the next one."""
        number = self.find(word)
        if number == NO_WORD:
            number = self._numbers[word] = self._first + len(self)
            self._single.append(word)
        return number

    def find(self, word: str) -> int:
        """The word's number, :data:`NO_WORD` for one never met."""
        if self._base is not None:
            number = self._base.find(word)
            if number != NO_WORD:
                return number
        if len(self._numbers) < len(self):
            self._numbers = {known: self._first + k for k, known in enumerate(self.words)}
        return self._numbers.get(word, NO_WORD)

    def numbers(self, column: pa.Array) -> NDArray[np.int32]:
        """Numbers of a column of text, shape (n,); :data:`NO_WORD` where it is null."""
        encoded = column if pa.types.is_dictionary(column.type) else column.cast(pa.string()).dictionary_encode()
        numbers = np.append(self._numbered(encoded.dictionary), np.int32(NO_WORD))
        return np.asarray(numbers[encoded.indices.fill_null(len(numbers) - 1).to_numpy()])

    def text(self, numbers: NDArray[np.int32]) -> pd.Series:
        """The words of some numbers as text, null for :data:`NO_WORD`."""
        return pd.Series(self.arrow(numbers), dtype="str")

    def arrow(self, numbers: NDArray[np.int32]) -> pa.Array:
        """The same in Arrow."""
        if self._base is None:
            return self._all().take(pa.array(numbers, mask=numbers < 0))
        if numbers.size * FEW > len(self._base) and numbers.max() < GUESTS:
            return self._base.arrow(numbers)
        used, codes = np.unique(numbers, return_inverse=True)
        return pa.array([self.word(number) for number in used.tolist()], pa.string()).take(pa.array(codes))

    def word(self, number: int) -> str | None:
        """The word of a number."""
        if number < 0:
            return None
        if self._base is not None and number < GUESTS:
            return self._base.word(number)
        place = number - self._first
        return self._many[place].as_py() if place < len(self._many) else self._single[place - len(self._many)]

    def ranks(self) -> NDArray[np.int64]:
        """Place of each word among all in alphabetical order, shape (words,)."""
        order = pc.sort_indices(self._all()).to_numpy()
        ranks = np.empty(len(order), np.int64)
        ranks[order] = np.arange(len(order))
        return ranks

    def _all(self) -> pa.Array:
        if self._single:
            self._many = pa.concat_arrays([self._many, pa.array(self._single, pa.string())])
            self._single = []
        return self._many

    def _numbered(self, unique: pa.Array) -> NDArray[np.int32]:
        """Numbers of words that differ from one another; new ones are learned in their order."""
        if len(unique) * FEW < len(self) + (0 if self._base is None else len(self._base)):
            return np.array([self.number(word) for word in unique.to_pylist()], dtype=np.int32)
        if self._base is not None:
            return self._brought(unique, self._base)
        numbers = self._found(unique)
        new = numbers == NO_WORD
        numbers[new] = len(self) + np.arange(new.sum())
        self._many = pa.concat_arrays([self._many, unique.filter(pa.array(new))])
        return np.asarray(numbers)

    def _found(self, unique: pa.Array) -> NDArray[np.int32]:
        """Numbers of many words, :data:`NO_WORD` where never met."""
        return np.array(pc.index_in(unique, value_set=self._all()).fill_null(NO_WORD).to_numpy(), np.int32)

    def _brought(self, unique: pa.Array, base: "Words") -> NDArray[np.int32]:
        """Numbers of many words, most of which are known already."""
        numbers = base._found(unique)
        new = np.flatnonzero(numbers == NO_WORD)
        numbers[new] = [self.number(word) for word in unique.take(pa.array(new)).to_pylist()]
        return numbers


class Vocabulary:
    """The words of every kind of name.

    Parameters
    ----------
    base
        Gives the words of a column that are known already and shall not learn new ones.
    """

    def __init__(self, base: Callable[[str], Words] | None = None) -> None:
        self._base = base
        self.kinds: dict[str, Words] = {}

    def of(self, column: str) -> Words:
        """The words that a column speaks."""
        kind = kind_of(column)
        if kind not in self.kinds:
            self.kinds[kind] = Words(None if self._base is None else self._base(column))
        return self.kinds[kind]


def kind_of(column: str) -> str:
    """The kind of name that a column holds."""
    return KIND_OF.get(column, column)
