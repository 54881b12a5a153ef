"""Vehicles and drivers of one's own as known at a moment."""

import pandas as pd

from decisions.known_tables import KnownTables
from optimization.own_fleet import DRIVER_SHIFT, VEHICLE_SHIFT, OwnFleet

KEYS = ["kind", "depot_id", "from_at"]


def own_fleet(known: KnownTables) -> OwnFleet:
    """Shifts that are not over, and the places of sites; what ``capacity`` names is what is still free."""
    capacity, moment = known.table("capacity"), pd.Timestamp(known.as_of)
    rows = capacity[capacity["kind"].isin([VEHICLE_SHIFT, DRIVER_SHIFT])].dropna(subset=[*KEYS, "until_at", "amount"])
    rows = rows[rows["until_at"] > moment]
    shifts = rows.groupby(KEYS, as_index=False).agg(until_at=("until_at", "max"), amount=("amount", "sum"))
    places = known.table("sites").dropna(subset=["lat", "lon"]).drop_duplicates("site_id").set_index("site_id")
    return OwnFleet(shifts, places[["lat", "lon"]])
