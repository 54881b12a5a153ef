"""From frame and outcomes to what boosters are fitted on; encoding and recipe are chosen here, on rolling folds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.params import BOTH, CHOSEN, NATIVE, TARGET, TrainingParams
from features.frame_file import FrameFile
from models.boosting import USUAL_TREES, Judgement, Learner, Table, beats, judge
from models.encoder import MIN_CATEGORY_ROWS, Encoder, learn_encoder
from models.moments import Moments
from models.out_of_core import matrix_of
from models.recipe import Recipe
from models.target_encoding import Remembered, learn_means, remember

STAGE = "stage"
"""Stays a category under every encoding: what is known depends on it, whatever came of it."""


@dataclass(frozen=True)
class Ready:
    """An encoder, its table, and the settings under which boosters of the yes-or-no question are fitted."""

    encoder: Encoder
    table: Table
    params: TrainingParams

    @property
    def recipe(self) -> Recipe:
        """What of the settings was chosen."""
        return Recipe.of(self.params)


def ready_to_fit(
    frame: pd.DataFrame | FrameFile,
    outcome: pd.DataFrame,
    answer: NDArray[np.float64],
    params: TrainingParams,
    learner: Learner | None = None,
    directions: Callable[[Sequence[str]], tuple[int, ...]] = lambda columns: (),
    weights: NDArray[np.float64] | None = None,
) -> Ready:
    """Learn how n rows in time order are encoded, and choose what they are fitted with.

    Parameters
    ----------
    outcome
        ``as_of`` and ``known_at`` tell when each row was asked about and its outcome known.
    answer
        Shape (n,): 1.0 or 0.0, the question by which encoding and recipe are judged.
    learner, directions, weights
        As in :class:`models.boosting.Table`; directions follow from the names of the matrix's columns.
    """
    rows = _Rows(frame, answer, Moments.of(outcome, frame[STAGE]), learner, directions, weights)
    recipe = Recipe.of(params)
    if params.encoding == CHOSEN:
        recipe = replace(recipe, encoding=rows.chosen_encoding(params))
    if params.search_trials:
        from models.search import search

        recipe = search(lambda tried: rows.judged(tried, params), recipe, params.search_trials, params.seed)
    return Ready(*rows.encoded(recipe.encoding), recipe.applied(params))


@dataclass(frozen=True)
class _Rows:
    frame: pd.DataFrame | FrameFile
    answer: NDArray[np.float64]
    moments: Moments
    learner: Learner | None
    directions: Callable[[Sequence[str]], tuple[int, ...]]
    weights: NDArray[np.float64] | None

    def encoded(self, encoding: str) -> tuple[Encoder, Table]:
        """Rows as an encoding shows them."""
        encoder, remembered = self.plain, None
        if encoding != NATIVE and self.named:
            remembered = self.remembered
            encoder = replace(encoder, means=learn_means(self.frame, self.named, remembered, MIN_CATEGORY_ROWS))
        if encoding == TARGET and self.named:
            encoder = replace(encoder, categories={k: v for k, v in encoder.categories.items() if k == STAGE})
        X = matrix_of(encoder, self.frame)
        if remembered is not None:
            X[:, -len(self.named) :] = remembered.differences(self.moments.asked)
        return encoder, Table(
            X,
            self.answer,
            encoder.columns,
            encoder.categorical_positions,
            self.moments,
            remembered,
            self.learner,
            self._directions(encoder),
            self.weights,
        )

    def _directions(self, encoder: Encoder) -> tuple[int, ...]:
        """Of numbers only: the codes of a category have no order."""
        names, ways = set(encoder.categories), self.directions(encoder.columns)
        return tuple(0 if name in names else way for name, way in zip(encoder.columns, ways, strict=False))

    def chosen_encoding(self, params: TrainingParams) -> str:
        """Native, unless rolling folds do better with another; each with the usual number of trees at most."""
        if not self.named:
            return NATIVE
        quick = replace(params, max_trees=min(USUAL_TREES, params.max_trees))
        recipe = Recipe.of(quick)
        asked = (NATIVE, TARGET, BOTH)
        losses = {one: self.judged(replace(recipe, encoding=one), quick).losses for one in asked}
        if not losses[NATIVE].size:
            return NATIVE
        best = min(asked, key=lambda one: float(losses[one].mean()))
        return best if beats(losses[best], losses[NATIVE]) else NATIVE

    def judged(self, recipe: Recipe, params: TrainingParams) -> Judgement:
        """What rolling folds say of a recipe."""
        return judge(self.encoded(recipe.encoding)[1], "binary", recipe.applied(params))

    @cached_property
    def plain(self) -> Encoder:
        """Categories as they are."""
        return learn_encoder(self.frame)

    @cached_property
    def named(self) -> tuple[str, ...]:
        """Text columns, of any number of values, that at least two values are frequent in; of a file none.

        What stands for a value differs from row to row, and a matrix in a file is written once.
        """
        if isinstance(self.frame, FrameFile):
            return ()
        text = [name for name in self.frame if pd.api.types.is_string_dtype(self.frame[name]) and name != STAGE]
        rows = {name: self.frame[name].value_counts(dropna=False) for name in text}
        return tuple(name for name, counts in rows.items() if (counts >= MIN_CATEGORY_ROWS).sum() > 1)

    @cached_property
    def remembered(self) -> Remembered:
        """What came of the values of :attr:`named`."""
        return remember(self.frame, self.named, self.answer, self.moments)
