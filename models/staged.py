"""A score that knows all stages and each stage alone: the mean of a booster of all rows and one of the stage's own.

The pooled booster has the most rows, the stage's own the sharpest view of what is known by then; their mean
ranked better than either at the three stages compared (Cargo 2000: release, hub; its legs: release), on the test parts.
A stage with few rows has the pooled one only.
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.params import TrainingParams
from models.boosted import Array, Boosted
from models.boosting import Table, fit_tuned
from models.support import columns_used
from store.side_by_side import side_by_side

MIN_STAGE_ROWS = 1000
"""Rows from which a stage has a booster of its own."""


@dataclass(frozen=True)
class StagedScore:
    """Raw scores (log-odds for binary targets) of rows at their stages."""

    pooled: Boosted
    own: dict[str, Boosted] = field(default_factory=dict)

    def margin(self, X: Array, stages: NDArray[Any]) -> Array:
        """Shape (n,)."""
        made = self.pooled.margins(X)
        for stage, rows in self._rows(stages):
            made[rows] = (made[rows] + self.own[stage].margins(X[rows])) / 2
        return made

    def contributions(self, X: Array, stages: NDArray[Any]) -> Array:
        """Contributions and base (last), shape (n, features + 1); they sum to the margin."""
        made = self.pooled.contributions(X)
        for stage, rows in self._rows(stages):
            made[rows] = (made[rows] + self.own[stage].contributions(X[rows])) / 2
        return made

    @property
    def used(self) -> frozenset[str]:
        """Columns that any of the boosters splits on."""
        return frozenset().union(*(columns_used(one.text) for one in (self.pooled, *self.own.values())))

    def save(self, folder: Path, name: str) -> dict[str, Any]:
        """Write ``name.txt`` and ``name.<k>.txt``; return what belongs in the JSON."""
        stages = sorted(self.own)
        for file, booster in [(name, self.pooled), *((f"{name}.{k}", self.own[s]) for k, s in enumerate(stages))]:
            booster.save(folder / f"{file}.txt")
        return {"stages": stages}

    @classmethod
    def load(cls, folder: Path, name: str, document: dict[str, Any]) -> "StagedScore":
        """Read back what :meth:`save` wrote."""
        own = {stage: f"{name}.{k}" for k, stage in enumerate(document["stages"])}
        read = {stage: Boosted.load(folder / f"{file}.txt") for stage, file in own.items()}
        return cls(Boosted.load(folder / f"{name}.txt"), read)

    def _rows(self, stages: NDArray[Any]) -> list[tuple[str, NDArray[np.bool_]]]:
        return [(stage, rows) for stage in self.own if (rows := stages == stage).any()]


def fit_pooled(table: Table, objective: str, params: TrainingParams, evenly: bool = False) -> tuple[StagedScore, Array]:
    """The same as :func:`fit_staged`, with the pooled booster only; ``evenly`` as in :func:`fit_tuned`."""
    pooled = fit_tuned(table, objective, params, evenly)
    return StagedScore(pooled.booster), pooled.judged


def fit_staged(table: Table, stages: NDArray[Any], objective: str, params: TrainingParams) -> tuple[StagedScore, Array]:
    """Fit on rows in time order.

    Returns
    -------
    The score, and for each row the margin by folds that had not seen it, shape (n,); NaN where no fold judged it.
    """
    names, counts = np.unique(stages.astype(str), return_counts=True)
    often = [str(name) for name in names[counts >= MIN_STAGE_ROWS]] if names.size > 1 else []
    places = [np.flatnonzero(stages == stage) for stage in often]
    parts = [table, *map(table.rows, places)]
    pooled, *own = side_by_side([partial(fit_tuned, part, objective, params) for part in parts], params.threads)
    judged = pooled.judged
    for rows, tuned in zip(places, own, strict=True):
        judged[rows] = (judged[rows] + tuned.judged) / 2
    return StagedScore(pooled.booster, {stage: one.booster for stage, one in zip(often, own, strict=True)}), judged
