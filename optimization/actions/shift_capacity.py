"""Shift capacity: a vehicle of one's own, from the depot where the load starts or from another, takes the load.

It is driven to the origin under hours of service, carries the load and comes home: its shifts from leaving to coming
back are taken from its depot. The load's carrier is no longer paid; what a vehicle costs, how fast it is and how much
delay it takes away are stated assumptions, because tables know nothing of it.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.predictions import STAGE_RELEASE, STAGE_TENDERED
from optimization.actions.action import BOTH, Context, Proposal, Risk, Rows, Trips, proposal
from optimization.assumptions import assumed
from optimization.cost import Floats
from optimization.fleet.hours import US, HoursOfService
from optimization.own_fleet import SHIFT, VEHICLE_SHIFT, OwnFleet

MOST_DEPOTS = 2
"""Depots proposed for one load, the cheapest first."""
USED = (
    *("own_vehicle_removed", "own_vehicle_per_h", "road_km_per_km", "own_vehicle_km_h", "own_vehicle_dock_min"),
    *("own_vehicle_notice_min", "own_vehicle_handling_min", "retender_cancel_cost", "costs.handling_per_min"),
)


@dataclass(frozen=True)
class ShiftCapacity:
    """A vehicle of one's own. Possible before pickup, where depots, free vehicles and the ends of lanes are known."""

    kind: str = SHIFT
    hours: HoursOfService = US

    def propose(self, cases: pd.DataFrame, context: Context) -> Proposal:
        """Up to two depots for each load that a vehicle can reach in time and for less than it saves.

        A trip that saves nothing uses what doing nothing leaves free, and costs more: no plan would take it.
        """
        trips = _trips(cases, context, self.hours)
        rows = trips["case"].to_numpy(np.int64)
        delays = context.delays[rows]
        risk = context.risk(rows, delays - assumed("own_vehicle_removed") * np.maximum(delays, 0))
        saved = context.risk(rows, delays).failure_cost - risk.failure_cost
        handling = assumed("own_vehicle_handling_min") * context.costs.handling_per_min
        kept = _cheapest(trips, trips["cost"].to_numpy(float) + handling < saved)
        made = proposal(
            rows[kept],
            Risk(risk.failure_cost[kept], risk.p_late[kept], risk.expected_delay_min[kept]),
            basis=BOTH,
            assumed=frozenset(USED if len(kept) else ()),
            direct_cost=trips["cost"].to_numpy(float)[kept],
            handling_min=assumed("own_vehicle_handling_min"),
        )
        taken = (trips[name].to_numpy()[kept] for name in ("depot_id", "leaves", "returns"))
        return replace(made, trips=Trips(*taken))


COLUMNS = ["case", "depot_id", "leaves", "returns", "cost"]


def _trips(cases: pd.DataFrame, context: Context, hours: HoursOfService) -> pd.DataFrame:
    """Every load × depot from which a vehicle is in time and free: :data:`COLUMNS`, minutes from the plan's moment."""
    fleet = context.own_fleet
    if fleet is None or not fleet.depots or cases.empty:
        return pd.DataFrame({name: pd.Series(dtype="str" if name == "depot_id" else "float64") for name in COLUMNS})
    waiting = cases["stage"].isin([STAGE_RELEASE, STAGE_TENDERED]) & ~cases["picked_up"] & context.timed
    loads = cases.assign(case=np.arange(len(cases)))[waiting & cases["planned_pickup_at"].notna()]
    pairs = loads.merge(pd.DataFrame({"depot_id": pd.Series(fleet.depots, dtype="str")}), how="cross")
    there, lane, home = _roads(pairs, fleet)
    known = np.isfinite(there + lane + home)
    pairs, there, lane, home = pairs[known], there[known], lane[known], home[known]
    pickup = _minutes(pairs["planned_pickup_at"], context)
    leaves = pickup - _elapsed(there, hours)
    returns = leaves + _elapsed(there + lane + home, hours) + 2 * assumed("own_vehicle_dock_min")
    tendered = (pairs["stage"] == STAGE_TENDERED).to_numpy(bool)
    spent_h = (there + lane + home) / assumed("own_vehicle_km_h") + 2 * assumed("own_vehicle_dock_min") / 60
    cost = assumed("own_vehicle_per_h") * spent_h - pairs["price"].fillna(0.0).to_numpy(float)
    cost = cost + np.where(tendered, assumed("retender_cancel_cost"), 0.0)
    made = pairs.assign(leaves=leaves, returns=returns, cost=cost)[COLUMNS]
    in_time = made["leaves"] >= assumed("own_vehicle_notice_min")
    return made[in_time & _has_vehicle(made, fleet, context)].reset_index(drop=True)


def _roads(pairs: pd.DataFrame, fleet: OwnFleet) -> tuple[Floats, Floats, Floats]:
    """Road km from the depot to the load, along its lane, and home."""
    depot, origin, destination = (pairs[name] for name in ("depot_id", "origin_id", "destination_id"))
    ends = ((depot, origin), (origin, destination), (destination, depot))
    there, lane, home = (assumed("road_km_per_km") * fleet.distance_km(*pair) for pair in ends)
    return there, lane, home


def _elapsed(km: Floats, hours: HoursOfService) -> Floats:
    driving, which = np.unique(np.ceil(km / assumed("own_vehicle_km_h") * 60).astype(np.int64), return_inverse=True)
    return np.array([hours.elapsed_min(minutes) for minutes in driving.tolist()], float)[which]


def _has_vehicle(trips: pd.DataFrame, fleet: OwnFleet, context: Context) -> "pd.Series[bool]":
    """Whether the depot has a free vehicle in the shift in which it would leave."""
    free = fleet.shifts[(fleet.shifts["kind"] == VEHICLE_SHIFT) & (fleet.shifts["amount"] >= 1)]
    spans = pd.DataFrame(
        {
            "depot_id": free["depot_id"],
            "begin": _minutes(free["from_at"], context),
            "end": _minutes(free["until_at"], context),
        }
    )
    pairs = trips.reset_index(names="row").merge(spans, on="depot_id")
    inside = pairs.loc[(pairs["begin"] <= pairs["leaves"]) & (pairs["leaves"] < pairs["end"]), "row"]
    return pd.Series(trips.index.isin(inside), index=trips.index)


def _cheapest(trips: pd.DataFrame, pays: npt.NDArray[np.bool_]) -> Rows:
    """Positions of the trips that pay, of each load the cheapest, in the order of the loads."""
    ranked = trips[pays].sort_values(["case", "cost", "depot_id"], kind="stable")
    return np.asarray(ranked.index[ranked.groupby("case").cumcount() < MOST_DEPOTS], np.int64)


def _minutes(moments: pd.Series, context: Context) -> Floats:
    return np.asarray((moments - pd.Timestamp(context.as_of)) / pd.Timedelta(minutes=1), float)
