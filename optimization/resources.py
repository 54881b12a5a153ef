"""What all cases share: planners' minutes, premium budgets, a carrier's loads on a lane and day, docks, own vehicles.

All are hard upper bounds in whole units. What ``capacity`` names is what is still available; hours of docks alone
are named whole, and present bookings are counted against them.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from domain.params import CostParams
from optimization.dock_hours import dock_rows
from optimization.own_fleet import OwnFleet, trip_rows

REVIEW = "review_min"
PREMIUM = "premium_budget"
LANE_DAY = "carrier_lane_day"
ALL_UNITS = "*"
"""The premium budget of business units that have none of their own."""


@dataclass(frozen=True, eq=False)
class Shared:
    """Shared resources and what each candidate uses of them.

    Attributes
    ----------
    resources, usage
        As in :class:`optimization.problem.Problem`.
    units
        resource_id → unit of its amounts: ``min``, ``cents``, ``loads`` or ``units``.
    assumed
        Names of settings that stood in for capacity the data does not name.
    """

    resources: pd.DataFrame
    usage: pd.DataFrame
    units: dict[str, str]
    assumed: frozenset[str]


def shared_resources(
    candidates: pd.DataFrame,
    capacity: pd.DataFrame,
    as_of: datetime,
    costs: CostParams,
    dock_hours: pd.DataFrame | None = None,
    own_fleet: OwnFleet | None = None,
) -> Shared:
    """Find the limits in force and what candidates use of them.

    Parameters
    ----------
    candidates
        The candidate table with ``review_min``, the minutes its approval takes.
    capacity
        The table ``capacity`` as known at ``as_of``.
    dock_hours
        :data:`optimization.dock_hours.HOUR_COLUMNS`, where they are known.
    own_fleet
        Vehicles and drivers of one's own, where they are known.
    """
    parts = [
        _review(candidates, capacity, as_of, costs),
        _premium(candidates, capacity, as_of, costs),
        _lane_days(candidates, capacity),
        _docks(candidates, dock_hours),
        _trips(candidates, own_fleet),
    ]
    units = ("min", "cents", "loads", "loads", "units")
    resources = pd.concat([part.limits for part in parts], ignore_index=True)
    usage = pd.concat([part.usage for part in parts], ignore_index=True)
    return Shared(
        resources.assign(lo=None, penalty_lo_cents=None, penalty_hi_cents=None),
        usage[usage["amount"] > 0].reset_index(drop=True),
        {name: unit for part, unit in zip(parts, units, strict=True) for name in part.limits["resource_id"]},
        frozenset(name for part in parts for name in part.assumed),
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """Limits (resource_id, hi) and usage (action_id, resource_id, amount) of one kind of resource."""

    limits: pd.DataFrame
    usage: pd.DataFrame
    assumed: tuple[str, ...] = ()


def _review(candidates: pd.DataFrame, capacity: pd.DataFrame, as_of: datetime, costs: CostParams) -> _Part:
    named = _in_force(capacity, REVIEW, as_of)
    minutes = float(named["amount"].sum()) if len(named) else costs.review_min_per_shift
    usage = pd.DataFrame(
        {
            "action_id": candidates["action_id"],
            "resource_id": REVIEW,
            "amount": candidates["person_min"] + candidates["review_min"],
        }
    )
    assumed = () if len(named) else ("costs.review_min_per_shift",)
    return _Part(_limits([REVIEW], [minutes]), usage, assumed)


def _premium(candidates: pd.DataFrame, capacity: pd.DataFrame, as_of: datetime, costs: CostParams) -> _Part:
    """A budget for each unit that ``capacity`` names one for; the others share one."""
    named = _in_force(capacity, PREMIUM, as_of)
    own = named.dropna(subset=["business_unit"]).groupby("business_unit")["amount"].sum()
    common = named[named["business_unit"].isna()]["amount"]
    budgets = own.to_dict() | {ALL_UNITS: float(common.sum()) if len(common) else costs.premium_budget}
    unit = candidates["business_unit"].where(candidates["business_unit"].isin(own.index), ALL_UNITS)
    usage = pd.DataFrame(
        {
            "action_id": candidates["action_id"],
            "resource_id": f"{PREMIUM}:" + unit.astype("str"),
            "amount": candidates["premium_cents"],
        }
    )
    used = bool((usage[unit == ALL_UNITS]["amount"] > 0).any())
    assumed = ("costs.premium_budget",) if used and not len(common) else ()
    names = sorted(budgets)
    limits = _limits([f"{PREMIUM}:{name}" for name in names], [budgets[name] * 100 for name in names])
    return _Part(limits, usage, assumed)


def _lane_days(candidates: pd.DataFrame, capacity: pd.DataFrame) -> _Part:
    """Loads a carrier takes on a lane in a period, where ``capacity`` knows; one load for each re-tender."""
    keys = ["carrier_id", "origin_id", "destination_id"]
    known = capacity[capacity["kind"] == LANE_DAY].dropna(subset=[*keys, "amount"])
    moved = candidates.dropna(subset=["new_carrier_id"])
    moved = moved.assign(
        carrier_id=moved["new_carrier_id"],
        moment=moved["planned_pickup_at"].fillna(moved["planned_delivery_at"]),
    )
    pairs = moved[["action_id", "moment", *keys]].merge(
        known[["resource_id", "from_at", "until_at", "amount", *keys]], on=keys
    )
    until = pairs["until_at"].fillna(pairs["from_at"] + pd.Timedelta(days=1))
    pairs = pairs[(pairs["from_at"] <= pairs["moment"]) & (pairs["moment"] < until)]
    named = pairs["resource_id"] + "@" + pairs["from_at"].dt.strftime("%Y-%m-%dT%H:%MZ")
    pairs = pairs.assign(name=(f"{LANE_DAY}:" + named).astype("str"))
    limits = pairs.drop_duplicates("name").sort_values("name")
    usage = pd.DataFrame({"action_id": pairs["action_id"], "resource_id": pairs["name"], "amount": 1})
    return _Part(_limits(limits["name"].tolist(), limits["amount"].tolist()), usage)


def _docks(candidates: pd.DataFrame, dock_hours: pd.DataFrame | None) -> _Part:
    """A pickup hour of a site for each shipment that can be re-booked, where the docks' hours are known."""
    if dock_hours is None or dock_hours.empty:
        return _NOTHING
    rows = dock_rows(candidates, dock_hours)
    return _Part(_limits(rows.limits.index.tolist(), rows.limits.tolist()), rows.usage)


def _trips(candidates: pd.DataFrame, own_fleet: OwnFleet | None) -> _Part:
    """A vehicle and a driver of a depot in each shift that a trip falls into, where they are known."""
    if own_fleet is None or candidates["from_depot_id"].isna().all():
        return _NOTHING
    rows = trip_rows(candidates, own_fleet)
    limits = rows.drop_duplicates("resource_id").sort_values("resource_id")
    return _Part(
        _limits(limits["resource_id"].tolist(), limits["hi"].tolist()),
        rows[["action_id", "resource_id"]].assign(amount=1),
    )


def _in_force(capacity: pd.DataFrame, kind: str, as_of: datetime) -> pd.DataFrame:
    """Rows of a kind whose period holds ``as_of``; an absent end is open."""
    moment = pd.Timestamp(as_of)
    begun = capacity["from_at"].isna() | (capacity["from_at"] <= moment)
    ended = capacity["until_at"].notna() & (capacity["until_at"] <= moment)
    return capacity[(capacity["kind"] == kind) & begun & ~ended & capacity["amount"].notna()]


def _limits(names: list[str], amounts: list[float]) -> pd.DataFrame:
    whole = np.floor(np.asarray(amounts, float)).astype(np.int64)
    return pd.DataFrame({"resource_id": pd.Series(names, dtype="str"), "hi": whole})


_NOTHING = _Part(_limits([], []), pd.DataFrame({"action_id": [], "resource_id": [], "amount": []}))
