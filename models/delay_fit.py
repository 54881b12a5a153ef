"""How the shape of the delay's distribution is learned: a centre, a spread, errors, and what puts shares right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from domain.params import TrainingParams
from models.boosted import Array
from models.boosting import Table, cross_judged
from models.conformal import learn_grain, learn_sides, then, within_grain
from models.delay import MIN_SPREAD, Scale, error_quantiles, learn_scale
from models.distribution import Shapes, Standing, distribution_of
from models.groups import EVERYBODY, Group, groups_of
from models.shares import AS_SAID, Sides
from models.staged import StagedScore, fit_pooled

BY_STAGE = ("stage",)
MIN_STAGE_ERRORS = 300
"""Judged rows from which a stage has error quantiles of its own."""


@dataclass(frozen=True)
class ShapeModel:
    """What the delay's distribution is made of beside the late head.

    Attributes
    ----------
    centre, spread
        Scores that say where a delay lies and how uncertain that is.
    errors
        Quantiles of the standardised error, of everybody and of each stage seen often enough.
    sides
        How shares are put right, for everybody and for each group seen often enough.
    grain_min
        Step in minutes that delays are told in; 0 where they are told more finely.
    further
        How outcomes since training put shares right. It is no part of what is saved: a sub-version keeps it.
    """

    scale: Scale
    centre: StagedScore
    spread: StagedScore
    errors: dict[Group, Array]
    sides: dict[Group, Sides]
    grain_min: float
    further: Mapping[Group, Sides] = field(default_factory=dict)

    @property
    def in_force(self) -> Mapping[Group, Sides]:
        """How shares are put right now."""
        return then(self.sides, self.further)

    def shapes(self, X: Array, frame: pd.DataFrame) -> Shapes:
        """Shapes of n rows."""
        stages = frame["stage"].to_numpy()
        spread = np.maximum(self.spread.margin(X, stages), MIN_SPREAD)
        return Shapes(self.scale, self.errors, self.centre.margin(X, stages), spread)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the boosters; return what belongs in the JSON."""
        return {
            "unit_min": self.scale.unit_min,
            "reach_min": self.scale.reach_min,
            "centre": self.centre.save(folder, "centre"),
            "spread": self.spread.save(folder, "spread"),
            "errors": [[list(group), values.tolist()] for group, values in sorted(self.errors.items())],
            "sides": [[list(group), sides.as_json()] for group, sides in sorted(self.sides.items())],
            "grain_min": self.grain_min,
        }

    @classmethod
    def load(cls, folder: Path, document: dict[str, Any]) -> "ShapeModel":
        """Read back what :meth:`save` wrote."""
        return cls(
            Scale(document["unit_min"], document["reach_min"]),
            StagedScore.load(folder, "centre", document["centre"]),
            StagedScore.load(folder, "spread", document["spread"]),
            {tuple(group): np.array(values) for group, values in document["errors"]},
            {tuple(group): Sides.from_json(values) for group, values in document["sides"]},
            document["grain_min"],
        )


def fit_shape(
    table: Table, frame: pd.DataFrame, delay: Array, standing: Standing, params: TrainingParams
) -> ShapeModel:
    """Fit on n delays in minutes, in time order.

    Folds judge the centre on later rows from all the time there is, as errors of the last week alone say nothing of
    other seasons. How large an error is to be expected is judged by what was learned from other blocks of time.
    """
    scale = learn_scale(delay)
    centre, expected = fit_pooled(table.target(scale.of(delay)), "regression", params, evenly=True)
    judged = np.flatnonzero(~np.isnan(expected))
    error = scale.of(delay)[judged] - expected[judged]
    sizes = table.rows(judged).target(np.abs(error))
    spread, _ = fit_pooled(sizes, "regression", params)
    typical = np.maximum(cross_judged(sizes, "regression", params), MIN_SPREAD)
    errors = _errors_by_stage(frame.iloc[judged], error / typical)
    shapes, grain = Shapes(scale, errors, expected[judged], typical), learn_grain(delay)
    sides = _sides(frame.iloc[judged], shapes, delay[judged], standing.at(judged), grain, params.seed)
    return ShapeModel(scale, centre, spread, errors, sides, grain)


def _errors_by_stage(frame: pd.DataFrame, standardised: Array) -> dict[Group, Array]:
    by_stage = [(group, rows) for group, rows in groups_of(frame, BY_STAGE) if rows.size >= MIN_STAGE_ERRORS]
    own = {group: error_quantiles(standardised[rows]) for group, rows in by_stage}
    return {EVERYBODY: error_quantiles(standardised), **own}


def _sides(
    frame: pd.DataFrame, shapes: Shapes, delay: Array, standing: Standing, grain_min: float, seed: int
) -> dict[Group, Sides]:
    """What puts shares right, from delays that none of ``shapes`` had seen."""
    never_asked = np.full(delay.size, 0.5)
    as_said = distribution_of(frame, shapes, standing, never_asked, {EVERYBODY: AS_SAID})
    shares = as_said.shares(within_grain(delay, grain_min, standing.tolerated, seed))
    return learn_sides(frame, shares, delay > standing.tolerated)
