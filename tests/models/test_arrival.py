"""A delay as moments."""

import pandas as pd

from domain.predictions import QUANTILE_LEVELS, quantile_column
from models.arrival import arrivals_of


def test_moments_are_plan_and_quantiles():
    """Asked at six, planned for nine: 10, 50 and 90 % quantiles of −15, +20 and +90.5 minutes, told to the second."""
    delays = dict(zip(map(quantile_column, QUANTILE_LEVELS), [-20, -15, 0, 20, 40, 90.5, 200], strict=True))
    as_of = pd.Series(pd.to_datetime(["2024-03-01T06:00Z", "2024-03-01T06:00Z"]))
    frame = pd.DataFrame({"to_delivery_min": [180.0, float("nan")]}, index=[7, 8])
    told = arrivals_of(as_of, frame, pd.DataFrame([delays, delays], index=[7, 8]))
    row = told.loc[7]
    assert row["planned_delivery_at"] == pd.Timestamp("2024-03-01T09:00Z")
    assert row["earliest_at"] == pd.Timestamp("2024-03-01T08:45Z")
    assert row["eta_at"] == pd.Timestamp("2024-03-01T09:20Z")
    assert row["latest_at"] == pd.Timestamp("2024-03-01T10:30:30Z")
    assert row["remaining_min"] == 200.0
    assert told.loc[8].isna().all()
