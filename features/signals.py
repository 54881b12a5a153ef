"""Outside readings at the place, latest known: weather, a market index."""

import pandas as pd

from features.family import Asked, Description
from features.known import latest_known
from features.places import Places
from store.dataset import Dataset

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
        made: dict[str, pd.Series] = {}
        for name, readings in asked.dataset.once("newest readings", lambda: _by_name(asked.dataset)).items():
            for place, column in PLACES.items():
                if column in asked.described:
                    questions = pd.DataFrame({"place_id": asked.described[column], "as_of": asked.as_of})
                    made[f"{place}_signal_{name}"] = readings.latest(questions)
        made = {name: values for name, values in made.items() if values.notna().any()}
        return pd.DataFrame(made, index=asked.subjects.index)


class Readings:
    """Readings of one kind that were the newest of their place when they became known.

    A straggler, or the correction of a reading that a later one had replaced, does not come back as the latest.
    """

    def __init__(self, readings: pd.DataFrame) -> None:
        newest = readings.groupby("place_id")["observed_at"].cummax()
        self._rows = readings.loc[readings["observed_at"] == newest, ["place_id", "value", "known_at"]]
        self._places = Places(self._rows["place_id"])

    def latest(self, questions: pd.DataFrame) -> pd.Series:
        """Value known last at each question's place by its ``as_of``; NaN where none was."""
        meant = self._rows.iloc[self._places.of(questions["place_id"])]
        return latest_known(questions, meant, ["place_id"])["value"]


def _by_name(dataset: Dataset) -> dict[str, Readings]:
    signals = dataset.table("signals")
    names = signals["name"].value_counts().index[:MAX_NAMES].sort_values() if len(signals) else ()
    return {name: Readings(signals[signals["name"] == name]) for name in names}
