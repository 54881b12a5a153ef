"""Vehicles and drivers of one's own: where they are, how many are free in each shift, what a trip takes of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
VEHICLE_SHIFT, DRIVER_SHIFT = "vehicle_depot_shift", "driver_depot_shift"
SHIFT = "shift_capacity"
EARTH_KM = 6371.0


@dataclass(frozen=True, eq=False)
class OwnFleet:
    """What is known of one's own vehicles.

    Attributes
    ----------
    shifts
        ``kind, depot_id, from_at, until_at, amount``: units that are still free in a shift.
    places
        ``lat, lon`` in degrees by site_id, depots among them.
    """

    shifts: pd.DataFrame
    places: pd.DataFrame

    @property
    def depots(self) -> list[str]:
        """Depots with vehicles whose place is known, sorted."""
        named = self.shifts.loc[self.shifts["kind"] == VEHICLE_SHIFT, "depot_id"].unique()
        return sorted(set(named) & set(self.places.index))

    def distance_km(self, one: pd.Series, other: pd.Series) -> Floats:
        """Great-circle distance of n pairs of sites in km; NaN where a place is not known."""
        a, b = (np.radians(self.places.reindex(side)[["lat", "lon"]].to_numpy(float)) for side in (one, other))
        half = np.sin((b - a) / 2) ** 2
        return np.asarray(
            2 * EARTH_KM * np.arcsin(np.sqrt(half[:, 0] + np.cos(a[:, 0]) * np.cos(b[:, 0]) * half[:, 1]))
        )


def trip_rows(candidates: pd.DataFrame, fleet: OwnFleet) -> pd.DataFrame:
    """Each shift of each depot that a candidate's trip falls into: ``action_id, resource_id, hi``.

    Parameters
    ----------
    candidates
        With ``from_depot_id``, ``away_from`` and ``away_until``; only rows that have them count.
    """
    trips = candidates.dropna(subset=["from_depot_id"])
    trips = trips[["action_id", "from_depot_id", "away_from", "away_until"]].rename(
        columns={"from_depot_id": "depot_id"}
    )
    pairs = trips.merge(fleet.shifts, on="depot_id")
    pairs = pairs[(pairs["from_at"] < pairs["away_until"]) & (pairs["away_from"] < pairs["until_at"])]
    begins = pairs["from_at"].dt.strftime("%Y-%m-%dT%H:%MZ")
    names = (pairs["kind"] + ":" + pairs["depot_id"] + "@" + begins).astype("str")
    return pd.DataFrame(
        {
            "action_id": pairs["action_id"],
            "resource_id": names,
            "hi": np.floor(pairs["amount"].to_numpy(float)).astype(np.int64),
        }
    )
