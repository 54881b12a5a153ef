"""When it is: hour and weekday in the data set's own zone, and public holidays of its country.

No month and no day of the year: with one year of history they memorise the split (see the notes on modelling).
"""

import numpy as np

from features.family import Asked, Description, Made
from features.holidays import holidays_around
from features.records import MINUTE, NO_MOMENT
from features.zones import local

MOMENTS = ("as_of", "planned_pickup_at", "planned_delivery_at")
PARTS = (
    ("hour", "h", "hour of the day of {}, local time"),
    ("weekday", "0–6", "day of the week of {}, local time"),
    ("holiday", "0/1", "whether the local date of {} is a public holiday of the manifest's country"),
    ("to_holiday_d", "±3 d", "days from the nearest public holiday to {}, negative before it, at most 3"),
)
HOUR, DAY = 60 * MINUTE, 1440 * MINUTE
MONDAY = 3
"""Weekday of 1 January 1970, a Thursday."""


class Calendar:
    """Hour of the day (0–24, with minutes) and weekday (0 = Monday) of each moment, and holidays around it."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """Four lines a moment."""
        return tuple(
            Description(f"{moment}_{part}", unit, meaning.format(moment), (moment,))
            for moment in MOMENTS
            for part, unit, meaning in PARTS
        )

    def columns(self, asked: Asked) -> Made:
        """Floats, NaN where the moment is unknown; holidays where the manifest names a country."""
        there = [name for name in MOMENTS if name == "as_of" or name in asked.record.names]
        moments = np.stack([asked.as_of if name == "as_of" else asked.record.moment(name) for name in there])
        wall = local(moments, asked.manifest.timezone)
        unknown = wall == NO_MOMENT
        hour = np.where(unknown, np.nan, wall % DAY // MINUTE / 60.0)
        days = wall // DAY
        made = {"hour": hour, "weekday": np.where(unknown, np.nan, (days + MONDAY) % 7)}
        if asked.manifest.country is not None:
            made["holiday"], made["to_holiday_d"] = holidays_around(days, asked.manifest.country)
        return {f"{name}_{part}": cells[k] for part, cells in made.items() for k, name in enumerate(there)}
