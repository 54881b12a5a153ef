"""What a model looks at: how far each column moves its margin, on average and from value to value.

Contributions are the SHAP values of its trees (Lundberg et al. 2020, From local explanations to global understanding
with explainable AI for trees), in log-odds; a column's importance is their mean size (ibid., §2.5).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.model import Model
from training.families import WORD

SAMPLE = 400
"""Rows that are explained: a row takes LightGBM up to 9 ms, and more would hardly change the order."""


@dataclass(frozen=True)
class LookedAt:
    """Explained rows of a frame.

    Attributes
    ----------
    question
        What the margin is the log-odds of.
    frame
        Features of all n rows.
    drawn
        Shape (m,): positions of the explained rows, rising.
    columns
        Names of the k columns of the model's matrix.
    contributions
        Shape (m, k): contribution of each column to the margin, in log-odds.
    """

    question: str
    frame: pd.DataFrame
    drawn: NDArray[np.int64]
    columns: tuple[str, ...]
    contributions: NDArray[np.float64]

    @property
    def importance(self) -> NDArray[np.float64]:
        """Mean size of each column's contributions, log-odds, shape (k,)."""
        return np.asarray(np.abs(self.contributions).mean(axis=0))

    @property
    def share(self) -> NDArray[np.float64]:
        """The same as shares of all columns' together, shape (k,); zeros where the model looks at nothing."""
        total = self.importance.sum()
        return np.asarray(self.importance / total if total > 0 else self.importance)

    @property
    def explained(self) -> str:
        """How many rows of how many, in words."""
        return f"{len(self.drawn):,} of {len(self.frame):,} later rows"

    def foremost(self, count: int) -> list[int]:
        """Places of the most important columns that matter at all, the first foremost; ties by name."""
        ranked = sorted(range(len(self.columns)), key=lambda k: (-self.importance[k], self.columns[k]))
        return [k for k in ranked[:count] if self.importance[k] > 0]

    def values(self, place: int) -> pd.Series:
        """A column of the frame; of a word's column, whether the text has it (1.0 or 0.0)."""
        name, is_word, word = self.columns[place].partition(WORD)
        if not is_word:
            return self.frame[name] if name in self.frame else pd.Series(np.nan, self.frame.index)
        text = self.frame[name].astype("str").str.lower()
        return text.str.contains(rf"(?<![^\W_]){word}(?![^\W_])", regex=True).astype(np.float64)


def look_at(model: Model, frame: pd.DataFrame, seed: int) -> LookedAt:
    """Explain at most :data:`SAMPLE` rows of a frame, drawn by a seed."""
    draw = np.random.default_rng(seed)
    drawn = np.sort(draw.choice(len(frame), min(SAMPLE, len(frame)), replace=False))
    told = model.explain(frame.iloc[drawn])
    return LookedAt(told.question, frame.reset_index(drop=True), drawn, told.columns, told.values)
