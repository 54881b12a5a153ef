"""From a feature frame to the matrix that LightGBM takes; learned on the training part, kept as JSON.

Numbers pass through. Text columns become categories (their frequent values, the rest unknown) unless hardly a value
comes twice and, where they read like words, also one 0/1 column per frequent word. What came of their values may stand
beside the categories or in their place.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.target_encoding import TargetMeans
from store.frames import arrow_column

MAX_CATEGORIES = 250
ROWS_PER_CATEGORY = 30
"""A column with fewer rows for each distinct value is no category: trees would learn names by heart."""
MIN_CATEGORY_ROWS = 5
MAX_WORDS = 100
MIN_WORD_ROWS = 20
WORDY_DISTINCT, WORDY_LENGTH = 50, 1.5
"""A column with at least this many distinct values, of at least this many words on average, is read as words."""


@dataclass(frozen=True)
class Encoder:
    """What a text or number column turns into.

    Attributes
    ----------
    numbers
        Columns taken as they are.
    categories
        For each text column its known values; a value's place is its code, NaN stands for any other.
    words
        For each wordy column the words that have a 0/1 column.
    means
        What came of the values of text columns.
    """

    numbers: tuple[str, ...]
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    means: TargetMeans = field(default_factory=TargetMeans)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the matrix's columns; a word column is ``column~word``, a mean ``column~mean_outcome``."""
        words = [f"{column}~{word}" for column, known in self.words.items() for word in known]
        return (*self.numbers, *self.categories, *words, *self.means.names)

    @property
    def categorical_positions(self) -> list[int]:
        """Places of the categories among :attr:`columns`."""
        return list(range(len(self.numbers), len(self.numbers) + len(self.categories)))

    def matrix(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Encode n rows, shape (n, len(columns)). A column the frame lacks is unknown throughout."""
        made = np.full((len(frame), len(self.columns)), np.nan)
        for place, name in enumerate((*self.numbers, *self.categories)):
            if name in frame and name in self.categories:
                made[:, place] = _codes(frame[name], self.categories[name])
            elif name in frame:
                made[:, place] = frame[name].to_numpy(np.float64, na_value=np.nan)
        place = len(self.numbers) + len(self.categories)
        for name, known in self.words.items():
            made[:, place : place + len(known)] = _word_columns(frame, name, known)
            place += len(known)
        made[:, place:] = self.means.matrix(frame)
        return made

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON; columns as pairs, because their order is their place in the matrix."""
        pairs = {kind: [[k, list(v)] for k, v in getattr(self, kind).items()] for kind in ("categories", "words")}
        return {"numbers": list(self.numbers), **pairs, "means": self.means.as_json()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Encoder":
        """Read back what :meth:`as_json` gave."""
        pairs = {kind: {name: tuple(known) for name, known in document[kind]} for kind in ("categories", "words")}
        return cls(tuple(document["numbers"]), **pairs, means=TargetMeans.from_json(document["means"]))


def learn_encoder(frame: pd.DataFrame) -> Encoder:
    """Learn from the training part which values and words are known; columns that never vary are left out."""
    text = [name for name in frame if pd.api.types.is_string_dtype(frame[name])]
    numbers = [name for name in frame if name not in text and _varies(frame[name])]
    categories = {name: _frequent(frame[name]) for name in text if _repeats(frame[name])}
    words = {name: _frequent_words(frame[name]) for name in text if _wordy(frame[name])}
    return Encoder(
        tuple(numbers),
        {name: known for name, known in categories.items() if len(known) > 1},
        {name: known for name, known in words.items() if known},
    )


def _varies(column: pd.Series) -> bool:
    values = column.to_numpy(np.float64, na_value=np.nan)
    present = values[~np.isnan(values)]
    return present.size > 0 and (present.size < values.size or bool((present != present[0]).any()))


def _frequent(column: pd.Series) -> tuple[str, ...]:
    """Values by falling frequency, ties by name, so that the codes do not depend on the rows' order."""
    counts = column.value_counts()
    counts = counts[counts >= MIN_CATEGORY_ROWS]
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(str(value) for value, _ in ranked[:MAX_CATEGORIES])


def _repeats(column: pd.Series) -> bool:
    return len(column) >= ROWS_PER_CATEGORY * int(column.nunique())


def _codes(column: pd.Series, known: tuple[str, ...]) -> NDArray[np.float64]:
    """Place of each value among those known, NaN for any other."""
    if not isinstance(column.dtype, pd.StringDtype):
        codes = pd.Index(known).get_indexer(column)
        return np.where(codes < 0, np.nan, codes)
    found = pc.index_in(arrow_column(column).cast(pa.string()), value_set=pa.array(known, pa.string()))
    return np.asarray(found.cast(pa.float64()).fill_null(np.nan).to_numpy())


def _split(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.lower()))


def _wordy(column: pd.Series) -> bool:
    values = column.dropna().unique()
    if len(values) < WORDY_DISTINCT:
        return False
    return float(np.mean([len(str(value).split()) for value in values[:5000]])) >= WORDY_LENGTH


def _frequent_words(column: pd.Series) -> tuple[str, ...]:
    rows = Counter[str]()
    for value, count in column.value_counts().items():
        rows.update(dict.fromkeys(_split(str(value)), int(count)))
    ranked = sorted((-count, word) for word, count in rows.items() if count >= MIN_WORD_ROWS)
    return tuple(word for _, word in ranked[:MAX_WORDS])


def _word_columns(frame: pd.DataFrame, name: str, known: tuple[str, ...]) -> NDArray[np.float64]:
    if name not in frame:
        return np.full((len(frame), len(known)), np.nan)
    codes, values = pd.factorize(frame[name])
    if not len(values):
        return np.zeros((len(frame), len(known)))
    present = np.array([[word in said for word in known] for said in map(_split, map(str, values))], dtype=np.float64)
    rows = np.zeros((len(frame), len(known)))
    rows[codes >= 0] = present[codes[codes >= 0]]
    return rows
