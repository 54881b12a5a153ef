"""LightGBM as we use it: deterministic, its number of trees chosen on rolling later slices; imported to learn only."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.params import TrainingParams
from models.boosted import ONE_THREAD, Array, Boosted
from models.calibration import fit_platt
from models.moments import Moments
from models.target_encoding import Remembered
from store.side_by_side import side_by_side

if TYPE_CHECKING:
    import lightgbm

FOLD_EDGES = (0.55, 0.70, 0.85, 1.0)
"""Shares of the rows, in time order, between which each fold judges what was learned before."""
USUAL_TREES = 100
BLOCKS = 5
"""Blocks of time, each of which is judged by what was learned from the others."""
CHECKPOINTS = (20, 40, 60, 80, 100, 130, 160, 200, 250, 300, 400, 500, 700, 1000)
"""Numbers of trees that are compared."""
PATIENCE = 3
"""Checkpoints without improvement after which a fold stops."""
FEWEST_LEAVES = 15
"""A tree has ``params.leaves`` leaves, but no more than one for ``params.rows_per_leaf`` rows, yet so many."""
MIN_CASES = 10
"""Fewest cases of either answer in a judged slice for it to have a say."""


@dataclass(frozen=True)
class Table:
    """A design matrix with its target, rows in time order.

    Attributes
    ----------
    X
        Shape (n, features); or rows of a file (:class:`models.out_of_core.FileRows`), which are chosen from like those.
    y
        Shape (n,).
    columns, categorical
        Names of the columns, and the places of the categorical ones.
    moments
        When each row was asked about and its outcome known; without them, as soon as the next row was asked about.
    remembered
        The outcomes behind the last columns of ``X``, where categories are encoded by them.
    learner
        Who learns from all rows; by default LightGBM in this process.
    directions
        For each column 1 where more of it may only raise the score, −1 where it may only lower it, 0 where either
        may be; none where nothing is said of any.
    weights
        Shape (n,): how much each row counts when learning; all alike by default. Judged rows all count alike.
    """

    X: Array
    y: Array
    columns: tuple[str, ...]
    categorical: list[int]
    moments: Moments | None = None
    remembered: Remembered | None = None
    learner: "Learner | None" = None
    directions: tuple[int, ...] = ()
    weights: Array | None = None

    @property
    def constraints(self) -> dict[str, Any]:
        """The directions as LightGBM's parameter."""
        return {"monotone_constraints": list(self.directions)} if any(self.directions) else {}

    def rows(self, chosen: NDArray[Any] | slice) -> "Table":
        """The same table with the chosen rows only."""
        return replace(
            self,
            X=self.X[chosen],
            y=self.y[chosen],
            moments=self.moments and self.moments.rows(chosen),
            remembered=self.remembered and self.remembered.rows(chosen),
            weights=None if self.weights is None else self.weights[chosen],
        )

    def learnable(self, begin: int) -> NDArray[np.int64]:
        """Places of the rows that could be learned from when row ``begin`` was asked about."""
        return np.arange(begin) if self.moments is None else self.moments.learnable(begin)

    def judged(self, later: slice) -> "Table":
        """Later rows as a model sees them that was fitted when the first of them was asked about."""
        table = self.rows(later)
        if table.remembered is None or self.moments is None:
            return table
        means = table.remembered.differences(np.full(len(table.y), self.moments.asked[later.start]))
        return replace(table, X=np.concatenate([table.X[:, : -means.shape[1]], means], axis=1))

    def target(self, y: Array) -> "Table":
        """The same rows with another target."""
        return replace(self, y=y)


class Learner(Protocol):
    """Learns a booster in another place or way than LightGBM would in this process."""

    def __call__(self, table: Table, parameters: dict[str, Any], trees: int) -> str:
        """The text of a booster of so many trees, with LightGBM's ``parameters``."""
        ...


@dataclass(frozen=True)
class Tuned:
    """A booster refitted on all rows with the number of trees that did best on later slices.

    ``judged`` has shape (n,): raw scores from folds that had not seen the row; NaN in the part no fold judged.
    """

    booster: Boosted
    judged: Array


def parameters(params: TrainingParams, objective: str, rows: int) -> dict[str, Any]:
    """LightGBM parameters; ``deterministic`` and one thread make the bytes depend on data and seed alone."""
    return {
        "objective": objective,
        "learning_rate": params.learning_rate,
        "num_leaves": min(params.leaves, max(FEWEST_LEAVES, rows // params.rows_per_leaf)),
        "min_data_in_leaf": params.min_leaf_rows,
        "feature_fraction": params.feature_fraction,
        "lambda_l2": params.l2,
        "cat_l2": params.cat_l2,
        "cat_smooth": params.cat_smooth,
        "extra_trees": params.extra_trees,
        "seed": params.seed,
        "data_random_seed": params.seed,  # said outright, because a matrix in a file is sampled without ``seed``
        **ONE_THREAD,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def fit_tuned(table: Table, objective: str, params: TrainingParams, evenly: bool = False) -> Tuned:
    """Choose the number of trees on rolling folds, then learn from all rows; ``evenly`` as in :func:`judge`."""
    said, judged = judge(table, objective, params, evenly), np.full(len(table.y), np.nan)
    recent = judged[_selected(len(table.y), params.selection_rows, evenly)]  # the same memory
    recent[recent.size - said.scores.size :] = said.scores
    return Tuned(Boosted(_refitted(table, objective, params, said.trees)), judged)


def _refitted(table: Table, objective: str, params: TrainingParams, trees: int) -> str:
    if table.learner is not None:
        return table.learner(table, parameters(params, objective, len(table.y)) | table.constraints, trees)
    text: str = boost(table, objective, params, trees).model_to_string()
    return text


def boost(table: Table, objective: str, params: TrainingParams, trees: int) -> "lightgbm.Booster":
    """The one fit of a booster."""
    import lightgbm

    said = parameters(params, objective, len(table.y)) | table.constraints
    return lightgbm.train(said, _learned(table), num_boost_round=trees)


def cross_judged(table: Table, objective: str, params: TrainingParams) -> Array:
    """Raw scores of all n rows, shape (n,): each block of time judged by a booster of the other blocks."""
    edges = np.linspace(0, len(table.y), BLOCKS + 1).astype(int)
    everyone, blocks = np.arange(len(table.y)), [slice(*pair) for pair in pairwise(edges)]
    others = [table.rows(np.delete(everyone, block)) for block in blocks]
    boosters = side_by_side(
        [partial(boost, rest, objective, params, _usual(params)) for rest in others], params.threads
    )
    judged = [Boosted.of(booster).margins(table.X[block]) for booster, block in zip(boosters, blocks, strict=True)]
    return np.concatenate(judged)


def _selected(rows: int, most: int, evenly: bool) -> slice:
    """The latest rows, or every so manieth."""
    return slice(None, None, -(-rows // most)) if evenly else slice(max(0, rows - most), None)


def judge(table: Table, objective: str, params: TrainingParams, evenly: bool = False) -> "Judgement":
    """What rolling folds say of a table's latest ``params.selection_rows`` rows.

    A fold learns from earlier rows whose outcomes were known when the next slice began, and judges that slice; with
    ``evenly`` from as many of all the time there is, where what is judged has to stand for every season.
    Binary answers are judged by the log loss that is left after the best slope and intercept, so that a base rate
    that drifts does not stop learning (the refinement part of the loss; Berta, Holzmüller, Jordan & Bach 2025).
    """
    recent = table.rows(_selected(len(table.y), params.selection_rows, evenly))
    judges = [partial(_judge, recent, later, objective, params) for later in _folds(len(recent.y))]
    return Judgement(tuple(side_by_side(judges, params.threads)), _usual(params))


def _folds(rows: int) -> Iterator[slice]:
    edges = [round(rows * share) for share in FOLD_EDGES]
    yield from (slice(begin, end) for begin, end in pairwise(edges))


@dataclass(frozen=True)
class _Fold:
    """A booster of earlier rows; score and loss of each later row at each checkpoint, none if it cannot tell."""

    later: Table
    booster: "lightgbm.Booster"
    scores: dict[int, Array] = field(default_factory=dict)
    losses: dict[int, Array] = field(default_factory=dict)

    def scored(self, trees: int) -> Array:
        """Raw scores of the later rows by so many trees."""
        if trees in self.scores:
            return self.scores[trees]
        return Boosted.of(self.booster, 0, trees).margins(self.later.X)


@dataclass(frozen=True)
class Judgement:
    """Folds in the order of time, and the usual number of trees."""

    folds: tuple[_Fold, ...]
    usual: int

    @cached_property
    def trees(self) -> int:
        """The usual number, or the one with the smallest loss where it beats the usual by a standard error.

        Folds of few rows prefer any number by chance; a choice that does not beat the default on them is not taken.
        """
        losses = self._by_trees
        if not losses:
            return self.usual
        best = min(losses, key=lambda trees: float(losses[trees].mean()))
        return best if beats(losses[best], losses[self.usual]) else self.usual

    @property
    def losses(self) -> Array:
        """Loss of each row judged by folds that can tell, in their order; empty where none can."""
        return self._by_trees.get(self.trees, np.empty(0))

    @cached_property
    def scores(self) -> Array:
        """Raw scores of the rows that folds judged, the last ones, in their order."""
        return np.concatenate([fold.scored(self.trees) for fold in self.folds])

    @cached_property
    def _by_trees(self) -> dict[int, Array]:
        telling = [fold.losses for fold in self.folds if fold.losses]
        reached = [trees for trees in telling[0] if all(trees in losses for losses in telling)] if telling else []
        return {trees: np.concatenate([losses[trees] for losses in telling]) for trees in reached}


def beats(losses: Array, others: Array, errors: float = 1.0) -> bool:
    """Whether losses of the same rows are smaller by so many standard errors of their mean difference."""
    saved = others - losses
    return bool(saved.mean() > errors * saved.std() / np.sqrt(saved.size))


def _judge(table: Table, later: slice, objective: str, params: TrainingParams) -> _Fold:
    """Boost until the loss on the later rows has not improved for some checkpoints."""
    import lightgbm

    learned, judged, usual = table.rows(table.learnable(later.start)), table.judged(later), _usual(params)
    if objective == "binary" and not _tells(judged.y):
        return _Fold(judged, boost(learned, objective, params, usual))
    said = parameters(params, objective, len(learned.y)) | table.constraints
    booster = lightgbm.Booster(said, _learned(learned))
    scores, losses, begin = {0: np.zeros(judged.y.size)}, {}, 0
    for trees in sorted({*(count for count in CHECKPOINTS if count < params.max_trees), usual, params.max_trees}):
        for _ in range(trees - begin):
            booster.update()
        scores[trees] = Boosted.of(booster, begin, trees - begin).trees.score(judged.X, scores[begin])
        losses[trees], begin = _losses(objective, judged.y, scores[trees]), trees
        means = [float(loss.mean()) for loss in losses.values()]
        if trees >= usual and np.argmin(means) < len(means) - PATIENCE:
            break
    return _Fold(judged, booster, scores, losses)


def _usual(params: TrainingParams) -> int:
    return min(USUAL_TREES, params.max_trees)


def _learned(table: Table) -> "lightgbm.Dataset":
    import lightgbm

    return lightgbm.Dataset(
        table.X,
        table.y,
        weight=table.weights,
        feature_name=list(table.columns),
        categorical_feature=table.categorical,
        params={"verbosity": -1, **ONE_THREAD},
    )


def _tells(y: Array) -> bool:
    return bool(min(y.sum(), (1 - y).sum()) >= MIN_CASES)


def _losses(objective: str, y: Array, score: Array) -> Array:
    """Loss of each row."""
    if objective != "binary":
        return np.asarray((y - score) ** 2)
    p = np.clip(fit_platt(score, y).probability(score), 1e-12, 1 - 1e-12)
    return np.asarray(-(y * np.log(p) + (1 - y) * np.log(1 - p)))
