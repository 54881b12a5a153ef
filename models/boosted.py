"""A fitted booster as its text: its trees score, LightGBM explains and is imported only for that."""

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from models.trees import Trees, read_trees
from store.side_by_side import side_by_side

if TYPE_CHECKING:
    import lightgbm

Array = NDArray[np.float64]
ONE_THREAD = {"num_threads": 1}
"""Given with every call. LightGBM keeps the number of threads once for the whole process: a call that changes it while
another thread is learning or predicting lets that one write past its buffers. Boosters are made side by side instead,
which is also faster: threads within one wait for one another more than they work."""
MANY_ROWS = 20_000
"""Rows that are scored at once; more are shared out to threads."""


@dataclass(frozen=True)
class Boosted:
    """A booster that has been fitted.

    Attributes
    ----------
    text
        LightGBM's own form of it, ``Booster.model_to_string()``.
    """

    text: str

    @classmethod
    def of(cls, booster: "lightgbm.Booster", begin: int = 0, trees: int = -1) -> Self:
        """So many trees of a booster from one on, by default all; it may go on learning."""
        return cls(booster.model_to_string(start_iteration=begin, num_iteration=trees))

    @cached_property
    def trees(self) -> Trees:
        """Its trees as they are scored."""
        return read_trees(self.text)

    @cached_property
    def booster(self) -> "lightgbm.Booster":
        """LightGBM's own object."""
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    def margins(self, X: Array) -> Array:
        """Raw score (log-odds for binary objectives), shape (n,): the bits of ``Booster.predict(raw_score=True)``."""
        if len(X) <= MANY_ROWS:
            return self.trees.score(X[:])  # read, where they are rows of a file
        parts = [X[begin : begin + MANY_ROWS] for begin in range(0, len(X), MANY_ROWS)]
        return np.concatenate(side_by_side([partial(self.trees.score, part) for part in parts], 0))

    def contributions(self, X: Array) -> Array:
        """SHAP values per column and the base last, shape (n, features + 1); each row sums to its margin."""
        if not len(X):
            return np.zeros((0, X.shape[1] + 1))
        return np.asarray(self.booster.predict(X, pred_contrib=True, **ONE_THREAD))

    def save(self, file: Path) -> None:
        """Write the text."""
        file.write_text(self.text, encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> "Boosted":
        """Read back what :meth:`save` wrote, ready to score: what is compiled, is compiled before the first request.

        Raises
        ------
        WrongModel
            If it is no booster that is scored here.
        """
        read = cls(file.read_text(encoding="utf-8"))
        read.margins(np.zeros((0, read.trees.features)))
        return read
