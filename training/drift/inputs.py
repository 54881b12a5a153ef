"""Drift of the inputs, weighed by what it does to the score: a column that matters to nobody may drift as it likes.

A column's contributions to the margin (SHAP values, which add up to it) have a mean before and a mean now. Their
difference is what the column's drift, and what comes with it, moved the mean margin by; over all columns the
differences add up to the move of the mean margin. In money: what would be lost by deciding as if the column had not
drifted. A score that moves because the world moved is right to move, so inputs raise no alarm; outcomes do.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from models.model import Model
from training.drift.decision import Decision
from training.drift.watched import Said
from training.frame_checks import drift_of

Array = NDArray[np.float64]
EXPLAINED_ROWS = 1_500
"""Of either side; more would tell means more exactly than anybody needs."""
MOVES = 0.05
"""Log-odds from which a column counts as moving the score."""


@dataclass(frozen=True)
class Input:
    """One column.

    Attributes
    ----------
    psi
        Population stability index of the last days against the training part.
    drifted
        It is too large to be called the same distribution, and not by chance.
    moved
        What it moved the mean margin by, in log-odds.
    cost
        Money a day that its move changes decisions by.
    """

    name: str
    psi: float
    drifted: bool
    moved: float
    cost: float

    @property
    def matters(self) -> bool:
        """It drifted and moves the score."""
        return self.drifted and abs(self.moved) >= MOVES


def inputs_of(
    model: Model, before: Said, recent: Said, decision: Decision, failure: Array, days: int
) -> tuple[Input, ...]:
    """Every column, those that change decisions most first.

    Parameters
    ----------
    before, recent
        Subjects that the model learned from and those of the last ``days``.
    failure
        Money that a failure of each recent subject costs, shape (n,).
    """
    mean_before, _ = _contributions(model, before)
    mean_now, rows = _contributions(model, recent)
    margin, money = recent.margin[rows], failure[rows]
    a_day = len(recent.p) / max(len(rows), 1) / days
    found = [
        Input(name, *drift_of(before.frame[name], recent.frame[name]), moved, 0.0)
        if name in recent.frame
        else Input(name, 0.0, False, moved, 0.0)
        for name, moved in zip(mean_now, np.array(list(mean_now.values())) - _like(mean_before, mean_now), strict=True)
    ]
    priced = [
        Input(one.name, one.psi, one.drifted, float(one.moved), _changed(decision, margin, one.moved, money) * a_day)
        for one in found
    ]
    return tuple(sorted(priced, key=lambda one: (-one.cost, -abs(one.moved), one.name)))


def _changed(decision: Decision, margin: Array, moved: float, failure: Array) -> float:
    return float(decision.regret(expit(margin - moved), expit(margin), failure).sum())


def _contributions(model: Model, said: Said) -> tuple[dict[str, float], NDArray[np.int64]]:
    """Mean contribution of each column over evenly spread rows, and those rows."""
    rows = np.linspace(0, len(said.p) - 1, min(len(said.p), EXPLAINED_ROWS)).round().astype(np.int64)
    told = model.explain(said.frame.iloc[rows].reset_index(drop=True))
    return dict(zip(told.columns, told.values.mean(axis=0), strict=True)), rows


def _like(means: dict[str, float], wanted: dict[str, float]) -> Array:
    return np.array(pd.Series(means).reindex(list(wanted)).to_numpy(np.float64))
