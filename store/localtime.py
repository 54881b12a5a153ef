"""Local times become UTC. One that does not exist, or exists twice, is nobody's to guess."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

FAR = np.datetime64("9999-12-30")
"""From here on a zone's offset would leave the calendar; such a time means "for ever" and is taken as UTC."""


@dataclass(frozen=True)
class Localized:
    """Moments of n local times.

    Attributes
    ----------
    utc
        ``datetime64[us, UTC]``, NaT where there is none.
    missing
        Shape (n,): the local time is skipped by a change of clocks.
    twice
        Shape (n,): the local time occurs twice.
    """

    utc: pd.Series
    missing: np.ndarray[Any, Any]
    twice: np.ndarray[Any, Any]


def to_utc(local: pd.Series, zone: ZoneInfo) -> Localized:
    """Read local times of a zone.

    Parameters
    ----------
    local
        ``datetime64[us]`` without zone.
    zone
        The IANA zone.
    """
    far = (local >= FAR).to_numpy()
    near = local.mask(far)
    utc = near.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC")
    unclear = (utc.isna() & near.notna()).to_numpy()
    missing = np.zeros(len(local), dtype=bool)
    if unclear.any():
        shifted = near[unclear].dt.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")
        missing[unclear] = shifted.notna().to_numpy()
    if far.any():
        utc = utc.mask(far, local.dt.tz_localize("UTC"))
    return Localized(utc.astype("datetime64[us, UTC]"), missing, unclear & ~missing)
