"""Categories as numbers: by how much outcomes of a value differed from those of everybody, as known at the time.

Ordered target statistics (Prokhorenkova et al., "CatBoost", 2018) with time for the order: a row sees only outcomes
that were known before it was asked about, never its own. Differences are kept, not means, because the general mean
drifts and trees would learn the date from it. A value seen seldom is shrunk toward everybody by
:data:`PRIOR_WEIGHT` outcomes.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.moments import Moments, Times

PRIOR_WEIGHT = 10.0
SUFFIX = "~mean_outcome"
"""Ends the names of such columns; no word has an underscore, so none is a word's."""

END = np.iinfo(np.int64).max
"""After every moment."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TargetMeans:
    """What was learned of each value of some columns, by the end of training.

    Attributes
    ----------
    columns
        Column → value → shrunk difference of its mean outcome from everybody's; ``None`` stands for a missing value.
        A value never seen differs by nothing.
    """

    columns: dict[str, dict[str | None, float]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the matrix's columns."""
        return tuple(column + SUFFIX for column in self.columns)

    def matrix(self, frame: pd.DataFrame) -> Array:
        """Differences for n rows, shape (n, columns). A column the frame lacks is missing throughout."""
        made = np.zeros((len(frame), len(self.columns)))
        for place, (name, learned) in enumerate(self.columns.items()):
            made[:, place] = learned.get(None, 0.0)
            if name in frame:
                found = pd.Index(list(learned), dtype="object").get_indexer(frame[name].astype("object"))
                told = np.append(list(learned.values()), 0.0)[found]
                made[:, place] = np.where(frame[name].isna(), made[:, place], told)
        return made

    def as_json(self) -> list[Any]:
        """Pairs, because the columns' order is their place in the matrix; a missing value is ``null``."""
        return [[name, [list(pair) for pair in learned.items()]] for name, learned in self.columns.items()]

    @classmethod
    def from_json(cls, document: list[Any]) -> "TargetMeans":
        """Read back what :meth:`as_json` gave."""
        return cls({name: dict(map(tuple, learned)) for name, learned in document})


@dataclass(frozen=True)
class Remembered:
    """Outcomes of n rows by the values of k columns, to be asked for by m of the rows as known at any moment.

    Attributes
    ----------
    codes
        Shape (n, k): number of each row's value in a column; a missing value has a number too.
    outcome
        Shape (n,).
    asking
        Shape (m,): places of the rows that ask.
    """

    codes: NDArray[np.int64]
    outcome: Array
    moments: Moments
    asking: NDArray[np.int64]

    def rows(self, chosen: NDArray[Any] | slice) -> "Remembered":
        """The same outcomes, asked for by some of the rows only."""
        return replace(self, asking=self.asking[chosen])

    def differences(self, by: Times) -> Array:
        """Shrunk differences of the asking rows' values by outcomes known strictly before ``by``, shape (m, k)."""
        total, count = self._known(np.zeros_like(self.moments.known), by)
        general = total / np.maximum(count, 1)
        made = np.empty((self.asking.size, self.codes.shape[1]))
        for place, codes in enumerate(self.codes.T):
            total, count = self._known(codes, by)
            made[:, place] = (total - count * general) / (count + PRIOR_WEIGHT)
        return made

    def _known(self, codes: NDArray[np.int64], by: Times) -> tuple[Array, NDArray[np.int64]]:
        """Sum and number of the outcomes of each asking row's value known before ``by``, each of shape (m,)."""
        times = np.unique(self.moments.known)
        key = codes * (times.size + 1) + np.searchsorted(times, self.moments.known)
        order = np.argsort(key, kind="stable")
        sums, value = np.append(0.0, np.cumsum(self.outcome[order])), codes[self.asking] * (times.size + 1)
        begin, end = (np.searchsorted(key[order], value + until) for until in (0, np.searchsorted(times, by)))
        return sums[end] - sums[begin], end - begin


def remember(frame: pd.DataFrame, columns: tuple[str, ...], outcome: Array, moments: Moments) -> Remembered:
    """Outcomes of a frame's rows by the values of some columns."""
    codes = [pd.factorize(frame[name], use_na_sentinel=False)[0] for name in columns]
    kept = np.array(codes, np.int64).reshape(len(columns), len(frame)).T
    return Remembered(kept, outcome, moments, np.arange(len(frame)))


def learn_means(frame: pd.DataFrame, columns: tuple[str, ...], remembered: Remembered, fewest: int) -> TargetMeans:
    """What is known by the end, of the values that at least ``fewest`` rows have, by name."""
    learned: dict[str, dict[str | None, float]] = {}
    for place, name in enumerate(columns):
        _, first, rows = np.unique(remembered.codes[:, place], return_index=True, return_counts=True)
        first = first[rows >= fewest]
        found = remembered.rows(first).differences(np.full(first.size, END))[:, place]
        values = frame[name].iloc[first]
        pairs = [(None if pd.isna(value) else str(value), float(by)) for value, by in zip(values, found, strict=True)]
        learned[name] = dict(sorted(pairs, key=lambda pair: (pair[0] is not None, pair[0] or "")))
    return TargetMeans(learned)
