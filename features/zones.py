"""Local time as arithmetic: the offsets of a time zone as a table, so that one moment costs what a million do each."""

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.records import NO_MOMENT, Moments, microseconds

FIRST_YEAR, LAST_YEAR = 1990, 2060
"""Before and after, the offset is that at the end."""
STEP = "30min"
"""Zones change on whole and half hours of UTC."""


@lru_cache(maxsize=32)
def _offsets(zone: str) -> tuple[Moments, Moments]:
    """Moments from which an offset holds, and the offsets, microseconds."""
    grid = pd.Series(pd.date_range(f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-01-01", freq=STEP, tz="UTC", unit="us"))
    moments = microseconds(grid)
    local = grid.dt.tz_convert(zone).dt.tz_localize(None).to_numpy("datetime64[us]").view(np.int64)
    offsets = local - moments
    changes = np.flatnonzero(np.diff(offsets, prepend=offsets[0] + 1))
    return moments[changes], offsets[changes]


def local(moments: Moments, zone: str) -> NDArray[np.int64]:
    """Local wall-clock time in microseconds since 1970, :data:`NO_MOMENT` where unknown."""
    starts, offsets = _offsets(zone)
    place = np.maximum(np.searchsorted(starts, moments, side="right") - 1, 0)
    return np.where(moments == NO_MOMENT, NO_MOMENT, moments + offsets[place])
