"""Which cases are open at a moment, and what is known of each by then.

A case is a shipment that is neither delivered nor cancelled and whose planned delivery falls into
the window, its open exceptions attached; or an open exception without a shipment. Every table is
read through :func:`features.known.as_known`: nothing known later can enter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from domain.codes import DEPARTED_PICKUP, ENDING_CODES, X12_STATUS, TenderOutcome
from domain.params import PlanParams
from domain.predictions import STAGE_RELEASE, STAGE_TENDERED
from features.known import as_known
from features.subjects import stage_names
from optimization.cases import CASE_COLUMNS
from store.dataset import Dataset

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


def find_open_cases(dataset: Dataset, as_of: datetime, params: PlanParams) -> OpenCases:
    """Find the cases that are open at ``as_of`` and inside the window of ``params``."""
    shipments = as_known(dataset, "shipments", as_of)
    exceptions = as_known(dataset, "exceptions", as_of)
    unresolved = exceptions[exceptions["resolved_at"].isna() & exceptions["impact"].isna()]
    moving, left_out = _moving(shipments, dataset, as_of, params)
    attached = unresolved[unresolved["shipment_id"].isin(moving["shipment_id"])]
    alone = unresolved[~unresolved["shipment_id"].isin(shipments["shipment_id"])]
    left_out["exceptions of shipments that are no case"] = len(unresolved) - len(attached) - len(alone)
    cases = pd.concat([_of_shipments(moving, dataset, as_of), _of_exceptions(alone)], ignore_index=True)
    links = pd.concat([attached, alone], ignore_index=True)
    case_id = pd.Series(np.r_[attached["shipment_id"], _own_id(alone)], dtype="str")
    linked = pd.DataFrame({"case_id": case_id, "exception_id": links["exception_id"], "kind": links["kind"]})
    counted = cases["case_id"].map(linked["case_id"].value_counts()).fillna(0)
    planned = pd.to_datetime(cases["planned_delivery_at"], utc=True)
    table = cases.assign(
        open_exceptions=counted,
        late_after_min=cases["late_after_min"].astype(float).fillna(dataset.manifest.late_after_min),
        hours_to_planned_delivery=(planned - pd.Timestamp(as_of)) / pd.Timedelta(hours=1),
    ).reindex(columns=list(CASE_COLUMNS))
    return OpenCases(
        table.astype(DTYPES).sort_values("case_id", ignore_index=True),
        linked.sort_values(["case_id", "exception_id"], ignore_index=True),
        left_out,
    )


def _moving(
    shipments: pd.DataFrame, dataset: Dataset, as_of: datetime, params: PlanParams
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Shipments under way in the window, and how many were left out for which reason."""
    ended = _milestones(dataset, as_of, ENDING_CODES)["shipment_id"]
    moment = pd.Timestamp(as_of)
    planned = shipments["planned_delivery_at"]
    reasons = {
        "shipments delivered or cancelled": shipments["shipment_id"].isin(ended),
        "shipments not yet released": shipments["released_at"] > moment,
        "shipments without a planned delivery": planned.isna(),
        "shipments planned beyond the horizon": planned > moment + timedelta(hours=params.horizon_h),
        "shipments overdue for longer than is planned for": planned < moment - timedelta(hours=params.overdue_h),
    }
    out, counts = pd.Series(False, index=shipments.index), {}
    for reason, applies in reasons.items():
        newly = applies.astype(bool) & ~out
        counts[reason] = int(newly.sum())
        out |= newly
    return shipments[~out].reset_index(drop=True), counts


def _milestones(dataset: Dataset, as_of: datetime, codes: tuple[str, ...]) -> pd.DataFrame:
    """Milestones of some X12 codes that were reached as known at ``as_of``."""
    known = as_known(dataset, "milestones", as_of)
    return known[(known["code_list"] == X12_STATUS) & known["code"].isin(codes)]


def _of_shipments(moving: pd.DataFrame, dataset: Dataset, as_of: datetime) -> pd.DataFrame:
    tenders = as_known(dataset, "tenders", as_of)
    accepted = _last(tenders[tenders["outcome"] == TenderOutcome.ACCEPTED])
    picked_up = _milestones(dataset, as_of, (DEPARTED_PICKUP,))["shipment_id"]
    cases = moving[list(OF_SHIPMENT)].copy()
    of = cases["shipment_id"]
    tendered = of.isin(accepted.index)
    cases["carrier_id"] = of.map(accepted["carrier_id"]).fillna(cases["carrier_id"]).astype("str")
    stage = pd.Series(STAGE_RELEASE, index=cases.index, dtype="str").mask(tendered, STAGE_TENDERED)
    reached = of.map(_last_milestone(dataset, as_of))
    return cases.assign(
        case_id=of,
        case_kind="shipment",
        stage=reached.fillna(stage).astype("str"),
        picked_up=of.isin(picked_up),
        price=_price(cases, tenders, accepted, dataset, as_of),
    )


def _last(tenders: pd.DataFrame) -> pd.DataFrame:
    """The latest offer of each shipment, by shipment."""
    ordered = tenders.dropna(subset=["shipment_id"]).sort_values(["offered_at", "tender_id"], kind="stable")
    return ordered.drop_duplicates("shipment_id", keep="last").set_index("shipment_id")


def _last_milestone(dataset: Dataset, as_of: datetime) -> pd.Series:
    """Stage of the milestone each shipment reached last, by shipment."""
    known = as_known(dataset, "milestones", as_of)
    known = known.assign(stage=stage_names(known)).sort_values(["occurred_at", "known_at", "stage"], kind="stable")
    return known.drop_duplicates("shipment_id", keep="last").set_index("shipment_id")["stage"]


def _price(
    cases: pd.DataFrame, tenders: pd.DataFrame, accepted: pd.DataFrame, dataset: Dataset, as_of: datetime
) -> pd.Series:
    """Freight price: of the accepted tender, else the last offer's, else the contract rate."""
    of = cases["shipment_id"]
    price = of.map(accepted["price"]).fillna(of.map(_last(tenders)["price"]))
    keys = ["carrier_id", "origin_id", "destination_id"]
    rates = rates_in_force(dataset, as_of).set_index(keys)["price"]
    contract = rates.reindex(pd.MultiIndex.from_frame(cases[keys])).to_numpy(float)
    return price.astype(float).fillna(pd.Series(contract, index=cases.index))


def rates_in_force(dataset: Dataset, as_of: datetime) -> pd.DataFrame:
    """Lowest contract price known and valid: ``origin_id, destination_id, carrier_id, price``."""
    rates, moment = as_known(dataset, "rates", as_of), pd.Timestamp(as_of)
    begun = rates["valid_from"].isna() | (rates["valid_from"] <= moment)
    over = rates["valid_until"].notna() & (rates["valid_until"] <= moment)
    keys = ["origin_id", "destination_id", "carrier_id"]
    return rates[begun & ~over].groupby(keys, as_index=False)["price"].min()


def _own_id(exceptions: pd.DataFrame) -> pd.Series:
    return ("exception:" + exceptions["exception_id"]).astype("str")


def _of_exceptions(alone: pd.DataFrame) -> pd.DataFrame:
    kept = alone[["customer_id", "carrier_id"]].reset_index(drop=True)
    return kept.assign(case_id=_own_id(alone).to_numpy(), case_kind="exception", picked_up=False)
