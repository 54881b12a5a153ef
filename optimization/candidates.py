"""The candidate table: every proposed action of every case with its cost, split and in integer cents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimization.actions import ACTIONS, Action
from optimization.actions.action import Context, Proposal, first_reason
from optimization.cost import Floats

OF_CASE = (
    *("case_id", "case_kind", "shipment_id", "stage", "exception_kind", "open_exceptions", "carrier_id"),
    *("origin_id", "destination_id", "customer_id", "customer_tier", "business_unit", "mode", "equipment"),
    *("service_level", "lane_class", "value", "price", "hours_to_planned_delivery"),
    *("planned_pickup_at", "planned_delivery_at"),
)
"""Columns of the case that each candidate carries."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """All candidates of all cases.

    Attributes
    ----------
    table
        One row per candidate, sorted by (case_id, cost_cents, label): the columns :data:`OF_CASE`,
        ``action_id`` (``<case_id>/<label>``), ``label`` (the kind, with ``:<carrier>`` for a re-tender,
        ``:<pickup>`` for a re-booking, ``:<depot>`` for an own vehicle), ``action``, ``new_carrier_id``,
        ``p_refused``, ``pickup_moved_min``, ``new_pickup_at``, ``from_depot_id``, ``away_from``, ``away_until``,
        ``basis``, ``out_of_support``, the costs in money, and
        ``direct_cents + handling_cents + failure_cents = cost_cents``, ``premium_cents``,
        ``person_min``, ``saving_cents`` against doing nothing.
    assumed
        Names of the assumptions and prices that were used.
    """

    table: pd.DataFrame
    assumed: frozenset[str]


def propose_all(cases: pd.DataFrame, context: Context, actions: Sequence[Action] = ACTIONS) -> Candidates:
    """Ask every action of every case.

    Parameters
    ----------
    cases
        n rows with :data:`optimization.cases.CASE_COLUMNS`.
    """
    proposals = [(action.kind, action.propose(cases, context)) for action in actions]
    rows = pd.concat([_rows(kind, made, cases, context) for kind, made in proposals], ignore_index=True)
    priced = _priced(rows, context)
    table = priced.sort_values(["case_id", "cost_cents", "label"], ignore_index=True, kind="stable")
    return Candidates(table, frozenset().union(*(made.assumed for _, made in proposals)))


def cents(money: Floats | pd.Series) -> pd.Series:
    """Money as whole cents, half to even."""
    return pd.Series(np.rint(np.asarray(money, float) * 100).astype(np.int64))


def _rows(kind: str, made: Proposal, cases: pd.DataFrame, context: Context) -> pd.DataFrame:
    of_case = cases[list(OF_CASE)].iloc[made.case].reset_index(drop=True)
    carrier = made.new_carrier_id
    swapped = pd.Series(carrier if carrier is not None else [None] * len(of_case), dtype="str")
    moved, pickup = _moved(made, of_case["planned_pickup_at"])
    depot, leaves, returns = _trips(made, len(of_case), context)
    apart = swapped.fillna(pickup.dt.strftime("%Y-%m-%dT%H:%MZ").astype("str")).fillna(depot)
    label = pd.Series(kind, index=of_case.index, dtype="str")
    return of_case.assign(
        action=label,
        new_carrier_id=swapped,
        pickup_moved_min=moved,
        new_pickup_at=pickup,
        from_depot_id=depot,
        away_from=leaves,
        away_until=returns,
        label=label.where(apart.isna(), label + ":" + apart.fillna("")),
        basis=made.basis,
        assumed=made.basis != "model",
        out_of_support=_doubts(made, context),
        direct_cost=made.direct_cost,
        handling_min=made.handling_min,
        failure_cost=made.risk.failure_cost,
        p_late=made.risk.p_late,
        p_refused=made.p_refused if made.p_refused is not None else np.nan,
        expected_delay_min=made.risk.expected_delay_min,
        premium_cents=cents(made.premium),
        person_min=np.ceil(made.person_min).astype(np.int64),
    )


def _moved(made: Proposal, planned: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Minutes by which the pickup is moved, and when it then is; null where it is not."""
    moved = np.full(len(planned), np.nan) if made.pickup_moved_min is None else made.pickup_moved_min
    minutes = pd.Series(moved, dtype="float64")
    return minutes, (planned + pd.to_timedelta(minutes, unit="min")).astype("datetime64[us, UTC]")


def _trips(made: Proposal, count: int, context: Context) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Depot of the own vehicle that each candidate takes, and when it leaves and returns; null where it takes none."""
    trips, nothing = made.trips, np.full(count, np.nan)
    depot = pd.Series([None] * count if trips is None else trips.depot_id, dtype="str")
    spent = (nothing, nothing) if trips is None else (trips.leaves_min, trips.returns_min)
    start = pd.Timestamp(context.as_of)
    leaves, returns = (start + pd.to_timedelta(pd.Series(minutes, dtype="float64"), unit="min") for minutes in spent)
    return depot, leaves.astype("datetime64[us, UTC]"), returns.astype("datetime64[us, UTC]")


def _doubts(made: Proposal, context: Context) -> pd.Series:
    """Why what a candidate rests on lies outside: what was predicted of the case, or of the action."""
    nothing = np.full(len(made.case), None, dtype=object)
    of_case = nothing if context.doubts is None else context.doubts[made.case]
    of_action = nothing if made.doubts is None else made.doubts
    return pd.Series(first_reason(of_case, of_action), dtype="str")


def _priced(rows: pd.DataFrame, context: Context) -> pd.DataFrame:
    rows = rows.assign(
        action_id=rows["case_id"] + "/" + rows["label"],
        direct_cents=cents(rows["direct_cost"]),
        handling_cents=cents(rows["handling_min"] * context.costs.handling_per_min),
        failure_cents=cents(rows["failure_cost"]),
    )
    total = rows["direct_cents"] + rows["handling_cents"] + rows["failure_cents"]
    now = rows[rows["action"] == "do_nothing"].set_index("case_id")
    idle = rows["case_id"].map(total[rows["action"] == "do_nothing"].set_axis(now.index))
    saving = idle.astype(np.int64) - total
    return rows.assign(
        cost_cents=total,
        saving_cents=saving,
        expected_cost=total / 100,
        saving=saving / 100,
        p_late_now=rows["case_id"].map(now["p_late"]),
    )
