"""LightGBM as we use it: deterministic, its number of trees chosen on rolling later slices; imported to learn only."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.params import TrainingParams
from models.boosted import ONE_THREAD, Array, Boosted
from models.calibration import fit_platt
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
ROWS_PER_LEAF, FEWEST_LEAVES = 2_000, 15
"""A tree has ``params.leaves`` leaves, but no more than one for so many rows: small tables want small trees."""
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
    learner: "Learner | None" = None
    directions: tuple[int, ...] = ()
    weights: Array | None = None

    @property
    def constraints(self) -> dict[str, Any]:
        """The directions as LightGBM's parameter."""
        return {"monotone_constraints": list(self.directions)} if any(self.directions) else {}

    def rows(self, chosen: NDArray[Any] | slice) -> "Table":
        """The same table with the chosen rows only."""
        weights = None if self.weights is None else self.weights[chosen]
        return replace(self, X=self.X[chosen], y=self.y[chosen], weights=weights)

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
        "num_leaves": min(params.leaves, max(FEWEST_LEAVES, rows // ROWS_PER_LEAF)),
        "min_data_in_leaf": params.min_leaf_rows,
        "feature_fraction": 0.5,
        "lambda_l2": 1.0,
        "cat_l2": 20.0,
        "seed": params.seed,
        "data_random_seed": params.seed,  # said outright, because a matrix in a file is sampled without ``seed``
        **ONE_THREAD,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def fit_tuned(table: Table, objective: str, params: TrainingParams, evenly: bool = False) -> Tuned:
    """Choose the number of trees on rolling folds, then learn from all rows.

    A fold learns from all earlier rows (the latest ``params.selection_rows`` at most, or ``evenly`` as many from all
    the time there is, where what is judged has to stand for every season) and judges the next slice.
    Binary answers are judged by the log loss that is left after the best slope and intercept, so that a base rate
    that drifts does not stop learning (the refinement part of the loss; Berta, Holzmüller, Jordan & Bach 2025).
    """
    chosen = _selected(len(table.y), params.selection_rows, evenly)
    recent = table.rows(chosen)
    judges = [partial(_judge, recent, earlier, later, objective, params) for earlier, later in _folds(len(recent.y))]
    folds = side_by_side(judges, params.threads)
    trees = _best(folds, params)
    judged = np.full(len(table.y), np.nan)
    for fold in folds:
        rows = recent.X[fold.later]
        judged[chosen][fold.later] = fold.booster.predict(rows, raw_score=True, num_iteration=trees, **ONE_THREAD)
    return Tuned(Boosted(_refitted(table, objective, params, trees)), judged)


def _refitted(table: Table, objective: str, params: TrainingParams, trees: int) -> str:
    if table.learner is not None:
        return table.learner(table, parameters(params, objective, len(table.y)) | table.constraints, trees)
    text: str = _boost(table, objective, params, trees).model_to_string()
    return text


def cross_judged(table: Table, objective: str, params: TrainingParams) -> Array:
    """Raw scores of all n rows, shape (n,): each block of time judged by a booster of the other blocks."""
    edges = np.linspace(0, len(table.y), BLOCKS + 1).astype(int)
    everyone, blocks = np.arange(len(table.y)), [slice(*pair) for pair in pairwise(edges)]
    others = [table.rows(np.delete(everyone, block)) for block in blocks]
    boosters = side_by_side(
        [partial(_boost, rest, objective, params, _usual(params)) for rest in others], params.threads
    )
    judged = [
        booster.predict(table.X[block], raw_score=True, **ONE_THREAD)
        for booster, block in zip(boosters, blocks, strict=True)
    ]
    return np.concatenate(judged)


def _selected(rows: int, most: int, evenly: bool) -> slice:
    """The latest rows, or every so manieth."""
    return slice(None, None, -(-rows // most)) if evenly else slice(max(0, rows - most), None)


def _folds(rows: int) -> Iterator[tuple[slice, slice]]:
    edges = [round(rows * share) for share in FOLD_EDGES]
    for begin, end in pairwise(edges):
        yield slice(0, begin), slice(begin, end)


@dataclass(frozen=True)
class _Fold:
    """A booster of earlier rows, and its loss on each later row at each checkpoint reached; none if it cannot tell."""

    later: slice
    booster: "lightgbm.Booster"
    losses: dict[int, Array]


def _judge(table: Table, earlier: slice, later: slice, objective: str, params: TrainingParams) -> _Fold:
    """Boost until the loss on the later rows has not improved for some checkpoints."""
    import lightgbm

    judged, usual = table.rows(later), _usual(params)
    if objective == "binary" and not _tells(judged.y):
        return _Fold(later, _boost(table.rows(earlier), objective, params, usual), {})
    said = parameters(params, objective, earlier.stop) | table.constraints
    booster = lightgbm.Booster(said, _learned(table.rows(earlier)))
    losses: dict[int, Array] = {}
    score, begin = np.zeros(judged.y.size), 0
    for trees in sorted({*(count for count in CHECKPOINTS if count < params.max_trees), usual, params.max_trees}):
        for _ in range(trees - begin):
            booster.update()
        score = score + booster.predict(
            judged.X, raw_score=True, start_iteration=begin, num_iteration=trees - begin, **ONE_THREAD
        )
        losses[trees], begin = _losses(objective, judged.y, score), trees
        means = [float(loss.mean()) for loss in losses.values()]
        if trees >= usual and np.argmin(means) < len(means) - PATIENCE:
            break
    return _Fold(later, booster, losses)


def _best(folds: list[_Fold], params: TrainingParams) -> int:
    """The usual number of trees, or the one with the smallest loss where it beats the usual by a standard error.

    Folds of few rows prefer any number by chance; a choice that does not beat the default on them is not taken.
    """
    usual, telling = _usual(params), [fold.losses for fold in folds if fold.losses]
    if not telling:
        return usual
    reached = [trees for trees in telling[0] if all(trees in losses for losses in telling)]
    losses = {trees: np.concatenate([fold[trees] for fold in telling]) for trees in reached}
    best = min(reached, key=lambda trees: float(losses[trees].mean()))
    saved = losses[usual] - losses[best]
    return best if saved.mean() > saved.std() / np.sqrt(saved.size) else usual


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


def _boost(table: Table, objective: str, params: TrainingParams, trees: int) -> "lightgbm.Booster":
    import lightgbm

    said = parameters(params, objective, len(table.y)) | table.constraints
    return lightgbm.train(said, _learned(table), num_boost_round=trees)


def _tells(y: Array) -> bool:
    return bool(min(y.sum(), (1 - y).sum()) >= MIN_CASES)


def _losses(objective: str, y: Array, score: Array) -> Array:
    """Loss of each row."""
    if objective != "binary":
        return np.asarray((y - score) ** 2)
    p = np.clip(fit_platt(score, y).probability(score), 1e-12, 1 - 1e-12)
    return np.asarray(-(y * np.log(p) + (1 - y) * np.log(1 - p)))
