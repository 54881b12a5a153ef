"""A seeded search for a recipe, judged on the rolling folds of the training part; optuna is imported to search only."""

from collections.abc import Callable
from dataclasses import replace
from math import log, sqrt
from typing import TYPE_CHECKING

from domain.params import BOTH, NATIVE, TARGET
from models.boosting import Judgement, beats
from models.recipe import Recipe

if TYPE_CHECKING:
    from optuna import Trial


def search(judged: Callable[[Recipe], Judgement], default: Recipe, trials: int, seed: int) -> Recipe:
    """The best of so many recipes where it beats the default, else the default.

    Tree-structured Parzen estimators draw the recipes (Bergstra et al. 2011); one after another, so that the same seed
    draws the same whatever the number of threads. The best of many trials looks better than it is: it must beat the
    default by as many standard errors as the best of so many equal ones is ahead by chance, about √(2 ln trials).
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    usual = judged(default).losses
    if not usual.size:
        return default
    best, least = default, usual

    def loss(trial: "Trial") -> float:
        nonlocal best, least
        recipe = _drawn(trial, default)
        losses = judged(recipe).losses
        if losses.mean() < least.mean():
            best, least = recipe, losses
        return float(losses.mean())

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(loss, n_trials=trials)
    return best if beats(least, usual, bar(trials)) else default


def bar(trials: int) -> float:
    """Standard errors by which the best of so many trials must be ahead; 1 at least."""
    return max(1.0, sqrt(2 * log(trials)))


def _drawn(trial: "Trial", default: Recipe) -> Recipe:
    return replace(
        default,
        learning_rate=trial.suggest_float("learning_rate", 0.02, 0.15, log=True),
        leaves=trial.suggest_int("leaves", 4, 127, log=True),
        rows_per_leaf=trial.suggest_int("rows_per_leaf", 250, 4_000, log=True),
        min_leaf_rows=trial.suggest_int("min_leaf_rows", 10, 300, log=True),
        feature_fraction=trial.suggest_float("feature_fraction", 0.2, 1.0),
        l2=trial.suggest_float("l2", 0.1, 30.0, log=True),
        cat_l2=trial.suggest_float("cat_l2", 1.0, 100.0, log=True),
        cat_smooth=trial.suggest_float("cat_smooth", 1.0, 100.0, log=True),
        extra_trees=trial.suggest_categorical("extra_trees", (False, True)),
        encoding=trial.suggest_categorical("encoding", (NATIVE, TARGET, BOTH)),
    )
