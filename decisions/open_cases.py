"""Which cases are open at a moment, and what is known of each by then.

A case is a shipment that is neither delivered nor cancelled and whose planned delivery falls into
the window, its open exceptions attached; or an open exception without a shipment. Every table is
read through :func:`features.known.as_known`: nothing known later can enter.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from decisions.known_tables import KnownTables
from decisions.lane_carriers import contract_prices
from domain.codes import DEPARTED_PICKUP, ENDING_CODES, X12_STATUS, TenderOutcome
from domain.params import PlanParams
from domain.predictions import STAGE_RELEASE, STAGE_TENDERED
from features.subjects import stage_names
from optimization.cases import CASE_COLUMNS

OF_SHIPMENT = (
    *("shipment_id", "carrier_id", "origin_id", "destination_id", "customer_id", "customer_tier"),
    *("business_unit", "mode", "equipment", "service_level", "lane_class", "value"),
    *("planned_pickup_at", "planned_delivery_at", "late_after_min", "late_penalty"),
)


TIMES = ("planned_pickup_at", "planned_delivery_at")
NUMBERS = ("hours_to_planned_delivery", "value", "late_after_min", "late_penalty", "price")
DTYPES = (
    dict.fromkeys(CASE_COLUMNS, "str")
    | dict.fromkeys(TIMES, "datetime64[us, UTC]")
    | dict.fromkeys(NUMBERS, "float64")
    | {"picked_up": "bool", "open_exceptions": "int64"}
)
"""Types of the case table, whatever tables are absent."""


@dataclass(frozen=True, eq=False)
class OpenCases:
    """Open cases and what was left out.

    Attributes
    ----------
    table
        n cases with :data:`optimization.cases.CASE_COLUMNS`, sorted by case_id; ``exception_id``
        and ``exception_kind`` are null until impacts are known.
    exceptions
        Open exceptions of the cases: ``case_id, exception_id, kind``.
    left_out
        Reason → how many shipments or exceptions are no case because of it.
    """

    table: pd.DataFrame
    exceptions: pd.DataFrame
    left_out: dict[str, int]


def find_open_cases(known: KnownTables, params: PlanParams) -> OpenCases:
    """Find the cases that are open at its moment and inside the window of ``params``."""
    exceptions = known.table("exceptions")
    unresolved = exceptions[exceptions["resolved_at"].isna() & exceptions["impact"].isna()]
    moving, left_out = _moving(known, params)
    attached = unresolved[unresolved["shipment_id"].isin(moving["shipment_id"])]
    recorded = known.of_shipments("shipments", unresolved["shipment_id"])["shipment_id"]
    alone = unresolved[~unresolved["shipment_id"].isin(recorded)]
    left_out["exceptions of shipments that are no case"] = len(unresolved) - len(attached) - len(alone)
    cases = pd.concat([_of_shipments(moving, known), _of_exceptions(alone)], ignore_index=True)
    links = pd.concat([attached, alone], ignore_index=True)
    case_id = pd.Series(np.r_[attached["shipment_id"], _own_id(alone)], dtype="str")
    linked = pd.DataFrame({"case_id": case_id, "exception_id": links["exception_id"], "kind": links["kind"]})
    counted = cases["case_id"].map(linked["case_id"].value_counts()).fillna(0)
    planned = pd.to_datetime(cases["planned_delivery_at"], utc=True)
    table = cases.assign(
        open_exceptions=counted,
        late_after_min=cases["late_after_min"].astype(float).fillna(known.late_after_min),
        hours_to_planned_delivery=(planned - pd.Timestamp(known.as_of)) / pd.Timedelta(hours=1),
    ).reindex(columns=list(CASE_COLUMNS))
    return OpenCases(
        table.astype(DTYPES).sort_values("case_id", ignore_index=True),
        linked.sort_values(["case_id", "exception_id"], ignore_index=True),
        left_out,
    )


def _moving(known: KnownTables, params: PlanParams) -> tuple[pd.DataFrame, dict[str, int]]:
    """Shipments under way in the window, and how many were left out for which reason."""
    shipments, moment = known.table("shipments"), pd.Timestamp(known.as_of)
    planned = shipments["planned_delivery_at"]
    latest, earliest = moment + timedelta(hours=params.horizon_h), moment - timedelta(hours=params.overdue_h)
    counts = {
        "shipments without a planned delivery": int(planned.isna().sum()),
        "shipments planned beyond the horizon": int((planned > latest).sum()),
        "shipments planned before the window": int((planned < earliest).sum()),
    }
    inside = shipments[(planned >= earliest) & (planned <= latest)].reset_index(drop=True)
    ended = inside["shipment_id"].isin(_reached(known, inside, ENDING_CODES))
    waiting = ~ended & (inside["released_at"] > moment)
    counts["shipments delivered or cancelled"] = int(ended.sum())
    counts["shipments not yet released"] = int(waiting.sum())
    return inside[~ended & ~waiting].reset_index(drop=True), counts


def _reached(known: KnownTables, shipments: pd.DataFrame, codes: tuple[str, ...]) -> pd.Series:
    """Which of some shipments reached one of some X12 milestones."""
    milestones = known.of_shipments("milestones", shipments["shipment_id"])
    return milestones[(milestones["code_list"] == X12_STATUS) & milestones["code"].isin(codes)]["shipment_id"]


def _of_shipments(moving: pd.DataFrame, known: KnownTables) -> pd.DataFrame:
    tenders = known.of_shipments("tenders", moving["shipment_id"])
    accepted = _last(tenders[tenders["outcome"] == TenderOutcome.ACCEPTED])
    picked_up = _reached(known, moving, (DEPARTED_PICKUP,))
    cases = moving[list(OF_SHIPMENT)].copy()
    of = cases["shipment_id"]
    tendered = of.isin(accepted.index)
    cases["carrier_id"] = of.map(accepted["carrier_id"]).astype("str").fillna(cases["carrier_id"])
    stage = pd.Series(STAGE_RELEASE, index=cases.index, dtype="str").mask(tendered, STAGE_TENDERED)
    reached = of.map(_last_milestone(known.of_shipments("milestones", of))).astype("str")
    return cases.assign(
        case_id=of,
        case_kind="shipment",
        stage=reached.fillna(stage),
        picked_up=of.isin(picked_up),
        price=_price(cases, tenders, accepted, known),
    )


def _last(tenders: pd.DataFrame) -> pd.DataFrame:
    """The latest offer of each shipment, by shipment."""
    ordered = tenders.dropna(subset=["shipment_id"]).sort_values(["offered_at", "tender_id"], kind="stable")
    return ordered.drop_duplicates("shipment_id", keep="last").set_index("shipment_id")


def _last_milestone(milestones: pd.DataFrame) -> pd.Series:
    """Stage of the milestone each shipment reached last, by shipment."""
    named = milestones.assign(stage=stage_names(milestones))
    ordered = named.sort_values(["occurred_at", "known_at", "stage"], kind="stable")
    return ordered.drop_duplicates("shipment_id", keep="last").set_index("shipment_id")["stage"]


def _price(cases: pd.DataFrame, tenders: pd.DataFrame, accepted: pd.DataFrame, known: KnownTables) -> pd.Series:
    """Freight price: of the accepted tender, else the last offer's, else the contract rate."""
    of = cases["shipment_id"]
    price = of.map(accepted["price"]).astype(float).fillna(of.map(_last(tenders)["price"]).astype(float))
    keys = ["shipment_id", "carrier_id"]
    rates = contract_prices(known, cases).set_index(keys)["price"]
    contract = rates.reindex(pd.MultiIndex.from_frame(cases[keys])).to_numpy(float)
    return price.fillna(pd.Series(contract, index=cases.index))


def _own_id(exceptions: pd.DataFrame) -> pd.Series:
    return ("exception:" + exceptions["exception_id"]).astype("str")


def _of_exceptions(alone: pd.DataFrame) -> pd.DataFrame:
    kept = alone[["customer_id", "carrier_id"]].reset_index(drop=True)
    return kept.assign(case_id=_own_id(alone).to_numpy(), case_kind="exception", picked_up=False)
