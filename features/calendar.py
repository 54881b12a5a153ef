"""When it is: hour and weekday in the data set's own zone.

No month and no day of the year: with one year of history they memorise the split (see the notes on modelling).
"""

import pandas as pd

from features.family import Asked, Description

MOMENTS = ("as_of", "planned_pickup_at", "planned_delivery_at")


class Calendar:
    """Hour of the day (0–24, with minutes) and weekday (0 = Monday) of each moment."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """Two lines a moment."""
        return tuple(
            Description(f"{moment}_{part}", unit, f"{meaning} of {moment}, local time", (moment,))
            for moment in MOMENTS
            for part, unit, meaning in (
                ("hour", "h", "hour of the day"),
                ("weekday", "0–6", "day of the week"),
            )
        )

    def columns(self, asked: Asked) -> pd.DataFrame:
        """Hours and weekdays as floats, NaN where the moment is unknown."""
        zone = asked.dataset.manifest.timezone
        made: dict[str, pd.Series] = {}
        for moment in MOMENTS:
            source = asked.as_of if moment == "as_of" else asked.described.get(moment)
            if source is not None:
                local = source.dt.tz_convert(zone)
                made[f"{moment}_hour"] = local.dt.hour + local.dt.minute / 60.0
                made[f"{moment}_weekday"] = local.dt.day_of_week.astype("float64")
        return pd.DataFrame(made, index=asked.subjects.index)
