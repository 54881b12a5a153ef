"""A model as it would have been in service: calibrators updated every day, within the manifest's bounds.

What is in force on a day was learned from outcomes that counted before it began, as ``lanewise recalibrate`` does;
where that would have been refused, what was in force the day before stays.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from domain.manifest import CalibrationBounds
from models.model import Model
from models.update import updated
from training.following import Followed, Since
from training.recalibration import objections
from training.shares_followed import fell_since


def told_day_by_day(
    model: Model, since: Since, followed: Mapping[str, Followed], bounds: CalibrationBounds
) -> pd.DataFrame:
    """Predictions of every row of ``since`` by the model as it was in service on the row's day.

    Parameters
    ----------
    model
        As it was trained.
    followed
        Its heads over the same rows (:func:`training.following.follow_heads`).
    """
    asked = next(iter(followed.values())).asked
    told = [one.predict(since.frame[asked == day]) for day, one in served_on(model, since, followed, bounds)]
    return pd.concat(told).loc[since.frame.index]


def served_on(
    model: Model, since: Since, followed: Mapping[str, Followed], bounds: CalibrationBounds
) -> Iterator[tuple[int, Model]]:
    """Each day on which something was asked, and what was in service: as trained until an update is within bounds."""
    served, fell = model, fell_since(model, since)
    for day in np.unique(next(iter(followed.values())).asked).tolist():
        learned = {head: one.on(day) for head, one in followed.items()}
        outcomes = min(float(one.weight[one.counts < day].sum()) for one in followed.values())
        further = {} if fell is None else fell.by(day)
        if not objections(learned, further, outcomes, bounds):
            served = updated(model, learned, further)
        yield day, served
