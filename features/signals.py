"""Outside readings at the place, latest known: weather, a market index."""

import pandas as pd

from features.family import Asked, Description
from features.known import latest_known

PLACES = {"origin": "origin_id", "destination": "destination_id", "site": "site_id"}
MAX_NAMES = 40
"""Most kinds of reading used; the most frequent are kept."""


class Signals:
    """For each kind of reading, its latest value known at the origin, destination and site."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """One line a place; the kinds of reading follow from the data."""
        return tuple(
            Description(f"{place}_signal_*", "as recorded", f"latest reading known at the {place}", ("signals",))
            for place in PLACES
        )

    def columns(self, asked: Asked) -> pd.DataFrame:
        """Floats; NaN where no reading was known."""
        signals = asked.dataset.table("signals")
        made: dict[str, pd.Series] = {}
        for name in signals["name"].value_counts().index[:MAX_NAMES].sort_values() if len(signals) else ():
            readings = _newest(signals[signals["name"] == name])
            for place, column in PLACES.items():
                if column in asked.described:
                    questions = pd.DataFrame({"place_id": asked.described[column], "as_of": asked.as_of})
                    made[f"{place}_signal_{name}"] = latest_known(questions, readings, ["place_id"])["value"]
        made = {name: values for name, values in made.items() if values.notna().any()}
        return pd.DataFrame(made, index=asked.subjects.index)


def _newest(readings: pd.DataFrame) -> pd.DataFrame:
    """Readings that were the newest of their place when they became known.

    A straggler, or the correction of a reading that a later one had replaced, does not come back as the latest.
    """
    newest = readings.groupby("place_id")["observed_at"].cummax()
    return readings.loc[readings["observed_at"] == newest, ["place_id", "value", "known_at"]]
