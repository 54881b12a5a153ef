"""When an outcome counts for following the base rate: not before subjects of its age can be judged fairly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.moments import MATURE_SHARE
from training.split import Part

DAY = pd.Timedelta(days=1)
EPOCH = pd.Timestamp(0, tz="UTC")


@dataclass(frozen=True)
class Waits:
    """How long outcomes take: by when :data:`models.moments.MATURE_SHARE` of them are known, by stage.

    A late delivery is known later than one on time. Were outcomes counted as they come, the first of a day would
    always say that nothing is late. So each counts when its like are known: that long after it was asked, or when it
    was known, whichever is later.
    """

    by_stage: pd.Series
    usual: pd.Timedelta

    def counts_day(self, part: Part) -> pd.Series:
        """Number of the day (UTC, since 1970) on which each outcome of a part counts."""
        needed = part.subjects["stage"].map(self.by_stage).fillna(self.usual)
        fair = part.subjects["as_of"] + needed
        counts = fair.where(fair > part.outcome["known_at"], part.outcome["known_at"])
        return day_of(counts)


def waits_of(part: Part) -> Waits:
    """Learn from subjects old enough for nearly all of their outcomes to be known."""
    wait = part.outcome["known_at"] - part.subjects["as_of"]
    by_stage = wait.groupby(part.subjects["stage"]).quantile(MATURE_SHARE)
    return Waits(by_stage, wait.quantile(MATURE_SHARE) if len(wait) else DAY)


def day_of(moments: pd.Series) -> pd.Series:
    """Number of the day of each moment (UTC, since 1970)."""
    return (moments - EPOCH) // DAY


def counted(part: Part, waits: Waits | None = None) -> pd.DataFrame:
    """The part's outcomes with ``counts_day``, and ``counts_weight``: rows of one subject share 1."""
    of_subject = part.subjects.groupby("subject_id")["subject_id"].transform("size")
    counts = (waits or waits_of(part)).counts_day(part)
    return part.outcome.assign(counts_day=counts.astype(np.int64), counts_weight=1.0 / of_subject.astype(np.float64))
