"""Simulated time: minutes since the first day's midnight in UTC, and what they mean on local clocks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from simulator.network.noise import Floats, Ints

DAY = 1440
HOUR = 60
MARGIN_DAYS = 60
"""Days past the end for which clocks and fields are laid out: shipments of the last day still arrive."""

ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")


@dataclass(frozen=True)
class Clock:
    """The calendar of a run.

    Attributes
    ----------
    start
        First day.
    days
        Days of history.
    """

    start: date
    days: int

    @property
    def laid_out(self) -> int:
        """Days for which the world's paths exist."""
        return self.days + MARGIN_DAYS

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """The date of every day laid out."""
        return tuple(self.start + timedelta(days=d) for d in range(self.laid_out))

    @cached_property
    def weekday(self) -> Ints:
        """0 = Monday, by day."""
        return np.array([day.weekday() for day in self.dates])

    @cached_property
    def offset_min(self) -> Floats:
        """Local minus UTC, in minutes, by zone of :data:`ZONES` and day (daylight saving changes at midnight here)."""
        return np.array([[_offset(ZoneInfo(zone), day) for day in self.dates] for zone in ZONES])

    def day(self, minutes: Floats) -> Ints:
        """Index of the UTC day, within what is laid out."""
        return np.minimum(np.maximum(minutes // DAY, 0), self.laid_out - 1).astype(np.int64)

    def local_minute(self, minutes: Floats, zone: Ints) -> Floats:
        """Minute of the local day, in [0, 1440)."""
        return (minutes + self.offset_min[zone, self.day(minutes)]) % DAY

    def next_open(self, wanted: Floats, zone: Ints, opens: float, closes: float) -> Floats:
        """First full hour from a moment on within the local minutes ``opens`` to ``closes``."""
        whole = np.ceil(wanted / HOUR) * HOUR
        local = self.local_minute(whole, zone)
        wait = np.where(local < opens, opens - local, np.where(local >= closes, DAY - local + opens, 0.0))
        return np.asarray(whole + wait)

    def moment(self, minutes: Floats) -> NDArray[np.datetime64]:
        """UTC timestamps, to the second; NaN becomes NaT."""
        seconds = np.where(np.isfinite(minutes), np.round(minutes * 60.0), np.nan)
        origin = np.datetime64(datetime(self.start.year, self.start.month, self.start.day), "s")
        known = np.isfinite(seconds)
        made = np.full(minutes.shape, np.datetime64("NaT"), dtype="datetime64[us]")
        made[known] = (origin + seconds[known].astype("timedelta64[s]")).astype("datetime64[us]")
        return made


def _offset(zone: ZoneInfo, day: date) -> float:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    offset = noon.utcoffset()
    return 0.0 if offset is None else offset.total_seconds() / 60.0
