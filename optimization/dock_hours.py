"""Hours of a site's docks: loads that each turns, loads that are booked, and what candidates take of them.

A shipment that can be re-booked takes a place in any case: its present one, or the new one. So a place that one
leaves can be another's (docs/decisions/0029). A shipment that cannot be moved is taken off the room.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

DOCK_HOUR = "dock_site_hour"
REBOOK_DOCK = "rebook_dock"
MOMENT = "datetime64[us, UTC]"
HOUR_COLUMNS = ("site_id", "from_at", "until_at", "amount", "booked")
"""One row an hour of a site: loads that its docks turn, and known pickups that are booked for it."""


@dataclass(frozen=True, eq=False)
class DockRows:
    """Upper limits by resource_id, and uses of candidates (action_id, resource_id, amount)."""

    limits: pd.Series
    usage: pd.DataFrame


def hour_of(hours: pd.DataFrame, site: pd.Series, moment: pd.Series) -> npt.NDArray[np.int64]:
    """Position of the hour of a site that holds a moment, shape (n,); −1 where there is none."""
    moments = pd.to_datetime(moment, utc=True).astype(MOMENT)
    asked = pd.DataFrame({"site_id": site.reset_index(drop=True), "moment": moments.reset_index(drop=True)})
    asked = asked.dropna().sort_values("moment", kind="stable").rename_axis("row").reset_index()
    begun = hours.astype({"from_at": MOMENT}).assign(hour=np.arange(len(hours))).sort_values("from_at", kind="stable")
    last = pd.merge_asof(asked, begun, left_on="moment", right_on="from_at", by="site_id")
    inside = last[last["moment"] < last["until_at"]]
    found = np.full(len(site), -1, np.int64)
    found[inside["row"].to_numpy(np.int64)] = inside["hour"].to_numpy(np.int64)
    return found


def dock_rows(candidates: pd.DataFrame, hours: pd.DataFrame) -> DockRows:
    """Limits of the hours that movable shipments hold or could have, and what each candidate takes.

    Parameters
    ----------
    candidates
        The candidate table.
    hours
        :data:`HOUR_COLUMNS`.
    """
    movable = candidates["case_id"].isin(candidates.loc[candidates["action"] == REBOOK_DOCK, "case_id"])
    rows = candidates[movable].reset_index(drop=True)
    taken = hour_of(hours, rows["origin_id"], rows["new_pickup_at"].fillna(rows["planned_pickup_at"]))
    names = _names(hours)
    idle = (rows["action"] == "do_nothing").to_numpy()
    own = np.bincount(taken[idle], minlength=len(hours))
    fixed = hours["booked"].to_numpy(np.int64) - own
    most = np.maximum(np.floor(hours["amount"].to_numpy(float)).astype(np.int64) - fixed, own)
    used = np.unique(taken)
    usage = pd.DataFrame({"action_id": rows["action_id"], "resource_id": names[taken], "amount": 1})
    return DockRows(pd.Series(most[used], index=names[used], dtype="int64"), usage)


def _names(hours: pd.DataFrame) -> npt.NDArray[np.object_]:
    begins = hours["from_at"].dt.strftime("%Y-%m-%dT%H:%MZ")
    return np.asarray(f"{DOCK_HOUR}:" + hours["site_id"].astype("str") + "@" + begins, object)
