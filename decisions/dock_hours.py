"""Hours of the docks as known at a moment, and how many pickups are booked for each."""

import numpy as np
import pandas as pd

from decisions.known_tables import KnownTables
from domain.codes import DEPARTED_PICKUP, ENDING_CODES, X12_STATUS
from optimization.dock_hours import DOCK_HOUR, HOUR_COLUMNS, hour_of

KEYS = ["site_id", "from_at"]


def dock_hours(known: KnownTables) -> pd.DataFrame:
    """Hours that are not over, with :data:`optimization.dock_hours.HOUR_COLUMNS`; one without an end has 60 minutes."""
    capacity, moment = known.table("capacity"), pd.Timestamp(known.as_of)
    rows = capacity[capacity["kind"] == DOCK_HOUR].dropna(subset=[*KEYS, "amount"])
    rows = rows.assign(until_at=rows["until_at"].fillna(rows["from_at"] + pd.Timedelta(hours=1)))
    rows = rows[(rows["until_at"] > moment) & (rows["from_at"] < rows["until_at"])]
    hours = rows.groupby(KEYS, as_index=False).agg(until_at=("until_at", "min"), amount=("amount", "sum"))
    waiting = _waiting(known, hours)
    taken = hour_of(hours, waiting["origin_id"], waiting["planned_pickup_at"])
    counted = np.bincount(taken[taken >= 0], minlength=len(hours))
    return hours.assign(booked=counted)[list(HOUR_COLUMNS)]


def _waiting(known: KnownTables, hours: pd.DataFrame) -> pd.DataFrame:
    """Shipments of the sites that wait for their pickup, whether they are cases or not."""
    shipments = known.table("shipments")
    ahead = shipments["planned_pickup_at"] >= hours["from_at"].min()
    near = shipments[ahead & shipments["origin_id"].isin(hours["site_id"])]
    milestones = known.of_shipments("milestones", near["shipment_id"])
    over = (milestones["code_list"] == X12_STATUS) & milestones["code"].isin([DEPARTED_PICKUP, *ENDING_CODES])
    return near[~near["shipment_id"].isin(milestones.loc[over, "shipment_id"])]
