"""Where delays fell since training, by which the intervals of their distribution follow."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.conformal import follow_sides
from models.eta_risk import EtaRisk
from models.groups import Group, group_columns
from models.model import Model
from models.shares import Sides
from training.following import Since

HALF_LIFE_DAYS = 40.0
"""Age at which an outcome counts half."""


@dataclass(frozen=True)
class Fell:
    """Where n delays fell on their sides of the threshold.

    Attributes
    ----------
    groups
        Columns that groups are made of.
    shares
        Shape (n,): log-odds, as put right in training.
    late
        Shape (n,).
    counts
        Shape (n,): day on which each counts.
    """

    groups: pd.DataFrame
    shares: NDArray[np.float64]
    late: NDArray[np.bool_]
    counts: NDArray[np.int64]

    def by(self, day: int) -> dict[Group, Sides]:
        """How shares are put right further by what counted before a day; nothing where nothing did."""
        known = np.flatnonzero(self.counts < day)
        if not known.size:
            return {}
        faded = 0.5 ** ((day - self.counts[known]) / HALF_LIFE_DAYS)
        return follow_sides(self.groups.iloc[known], self.shares[known], self.late[known], faded)


def fell_since(model: Model, since: Since) -> Fell | None:
    """Where delays fell since training, as trained; nothing of models that tell of none."""
    if not isinstance(model, EtaRisk) or not len(since.part):
        return None
    shares, late = model.with_further({}).fell(since.frame, since.part.outcome)
    return Fell(group_columns(since.frame), shares, late, since.part.outcome["counts_day"].to_numpy(np.int64))
