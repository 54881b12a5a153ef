"""Which subjects are old enough to be learned from, so that those whose outcome is known are like those to come."""

import pandas as pd

from features.outcomes import Fate
from models.moments import Moments

IMMATURE = "immature"
LAG_SHARE = 0.99
"""Share of deliveries that had become known within the time after which silence means that there was none."""


def moment_us(moment: pd.Timestamp) -> int:
    """A moment as microseconds since 1970."""
    return int(moment.value // 1000)  # told in nanoseconds, whatever the unit


def decided_by_plan(stage: pd.Series, as_of: pd.Series, outcome: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    """What is certain at ``moment`` of n shipments, whether they have been delivered or not.

    Once plan, tolerance and the time that deliveries take to become known have passed, it is decided whether a shipment
    was late: one of which nothing is known is late for certain. When that is does not depend on how it went, so those
    decided are like those to come; of the others the quick ones would be known first. Where a shipment has been silent
    for longer than nearly every late one was, its delivery was never recorded: nothing is learned from it. A delay in
    minutes, for which one has to wait until it is known, is taken of subjects old enough
    (:meth:`models.moments.Moments.mature`).

    Returns
    -------
    pandas.DataFrame
        ``outcome`` with ``late`` where it is decided, NaN elsewhere; ``value`` NaN where it is not known or too young.
        What silence decided was known when it did.
    """
    known = outcome["fate"] == Fate.KNOWN
    lag = pd.to_timedelta(outcome.loc[known, "lag_min"].quantile(LAG_SHARE), unit="min")
    due = outcome["late_at"] + lag < moment
    silent = (outcome["fate"] == Fate.CENSORED) & due & (moment - outcome["late_at"] <= _longest_silence(outcome))
    asked = outcome.loc[known, ["known_at"]].assign(as_of=as_of[known])
    old = pd.Series(Moments.of(asked, stage[known]).mature(moment_us(moment)), index=asked.index)
    return outcome.assign(
        late=outcome["late"].where(due).mask(silent, 1.0),
        value=outcome["value"].where(old.reindex(outcome.index, fill_value=False)),
        known_at=outcome["known_at"].mask(silent, outcome["late_at"] + lag),
    )


def _longest_silence(outcome: pd.DataFrame) -> pd.Timedelta:
    """How long after they were due nearly all late deliveries had become known; NaT where there were none."""
    late = outcome[outcome["late"] == 1]
    return (late["known_at"] - late["late_at"]).quantile(LAG_SHARE)
