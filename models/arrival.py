"""The remaining-time view: the delay's quantiles as moments, a new ETA with its 10–90 % band."""

import pandas as pd

from domain.predictions import quantile_column

MOMENTS = {"earliest_at": 0.10, "eta_at": 0.50, "latest_at": 0.90}
"""Which quantile of the delay each moment is."""


def arrivals_of(as_of: pd.Series, frame: pd.DataFrame, predicted: pd.DataFrame) -> pd.DataFrame:
    """When n shipments will have been delivered, to the second.

    Parameters
    ----------
    as_of
        Moments asked about (UTC).
    frame, predicted
        Features as of then, and what ``eta_risk`` says of them.

    Returns
    -------
    pandas.DataFrame
        n rows, index as ``frame``: ``planned_delivery_at``, ``eta_at``, ``earliest_at``, ``latest_at``, and
        ``remaining_min`` from ``as_of`` to ``eta_at``. Nothing is said where no delivery is planned.
    """
    asked = as_of.set_axis(frame.index)
    planned = asked + _minutes(frame["to_delivery_min"])
    moments = {name: planned + _minutes(predicted[quantile_column(level)]) for name, level in MOMENTS.items()}
    told = pd.DataFrame({"planned_delivery_at": planned, **moments}).apply(lambda column: column.dt.round("s"))
    ordered = told[["planned_delivery_at", "eta_at", "earliest_at", "latest_at"]]
    return ordered.assign(remaining_min=(ordered["eta_at"] - asked).dt.total_seconds() / 60.0)


def _minutes(column: pd.Series) -> pd.Series:
    return pd.to_timedelta(column, unit="min")
