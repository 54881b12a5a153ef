"""Re-tender: offer the load to another carrier of its lane before it is picked up.

With probability p the new carrier refuses; the load then stays where it was, and the time of
waiting for the answer is lost:

    failure = (1 − p) · E[cost | new carrier] + p · E[cost | as it is, later by the wait]
    direct  = (1 − p) · (new price − present price + cost of cancelling an accepted tender)
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.predictions import STAGE_RELEASE, STAGE_TENDERED, ModelName
from optimization.actions.action import BOTH, Context, Proposal, Reasons, Risk, Rows, first_reason, proposal
from optimization.assumptions import assumed
from optimization.cost import Floats


@dataclass(frozen=True)
class Retender:
    """Another carrier. Possible before pickup, where one is known that suits and was not asked in vain."""

    kind: str = "retender"

    def propose(self, cases: pd.DataFrame, context: Context) -> Proposal:
        """Propose up to ``max_carriers`` carriers for each case, likeliest to accept first."""
        offers = _offers(cases, context)
        fails, of_tender = _p_fail(offers, context)
        offers, fails = _likeliest(offers.assign(doubt=of_tender), fails, context.max_carriers)
        rows = offers["case"].to_numpy(np.int64)
        accepted, of_delay = _with_carrier(offers, rows, context)
        risk = _mixed(accepted, _after_refusal(rows, context), fails)
        tendered = (offers["stage"] == STAGE_TENDERED).to_numpy(bool)
        extra = offers["price_new"].to_numpy(float) - offers["price"].to_numpy(float)
        unpriced = np.isnan(extra)
        extra = np.where(unpriced, assumed("retender_extra_price"), extra)
        direct = (1 - fails) * (extra + np.where(tendered, assumed("retender_cancel_cost"), 0.0))
        made = proposal(
            rows,
            risk,
            basis=BOTH,
            assumed=_used(context, tendered, unpriced) if len(rows) else frozenset(),
            direct_cost=direct,
            handling_min=assumed("retender_handling_min"),
        )
        doubts = first_reason(offers["doubt"].to_numpy(object), of_delay)
        carrier = offers["carrier_new"].to_numpy(object)
        return replace(made, new_carrier_id=carrier, doubts=doubts, p_refused=fails)


def _offers(cases: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Case × other carrier that it may be offered to, for cases that are not picked up."""
    early = cases["stage"].isin([STAGE_RELEASE, STAGE_TENDERED]) & ~cases["picked_up"] & context.timed
    columns = ["case", "shipment_id", "stage", "carrier_id", "price"]
    open_cases = cases.assign(case=np.arange(len(cases))).loc[early, columns]
    known = context.carriers[["shipment_id", "carrier_id", "price"]]
    offers = open_cases.merge(known, on="shipment_id", how="inner", suffixes=("", "_new"))
    offers = offers.rename(columns={"carrier_id_new": "carrier_new"})
    other = offers["carrier_id"].isna() | (offers["carrier_id"] != offers["carrier_new"])
    return offers[other.astype(bool)].sort_values(["case", "carrier_new"], ignore_index=True)


def _p_fail(offers: pd.DataFrame, context: Context) -> tuple[Floats, Reasons]:
    """P(refused) of each offer, and why it lies outside what the model was trained on."""
    if offers.empty or not context.scoring.has(ModelName.TENDER_FAILURE):
        return np.full(len(offers), assumed("retender_p_fail")), np.full(len(offers), None, dtype=object)
    asked = pd.DataFrame(
        {
            "shipment_id": offers["shipment_id"],
            "carrier_id": offers["carrier_new"],
            "as_of": pd.Timestamp(context.as_of),
            "price": offers["price_new"],
        }
    )
    fails = np.asarray(context.scoring.tender_failures(asked), float)
    return fails, context.scoring.doubts(ModelName.TENDER_FAILURE, asked)


def _likeliest(offers: pd.DataFrame, fails: Floats, most: int) -> tuple[pd.DataFrame, Floats]:
    """The carriers of each case that are likeliest to accept; the cheaper, then the first by name of equals."""
    ranked = offers.assign(p=fails).sort_values(["case", "p", "price_new", "carrier_new"], kind="stable")
    kept = ranked[ranked.groupby("case").cumcount() < most].reset_index(drop=True)
    return kept, kept["p"].to_numpy(float)


def _with_carrier(offers: pd.DataFrame, rows: Rows, context: Context) -> tuple[Risk, Reasons]:
    """Risk with the carrier swapped, scored again, and why that lies outside what the model was trained on."""
    asked = pd.DataFrame(
        {
            "shipment_id": offers["shipment_id"],
            "stage": offers["stage"],
            "as_of": pd.Timestamp(context.as_of),
            "carrier_id": offers["carrier_new"],
        }
    )
    if asked.empty:
        return context.risk(rows, np.zeros((0, context.delays.shape[1]))), np.full(0, None, dtype=object)
    delays = np.asarray(context.scoring.delays(asked), float)
    return context.risk(rows, delays), context.scoring.doubts(ModelName.ETA_RISK, asked)


def _after_refusal(rows: Rows, context: Context) -> Risk:
    return context.risk(rows, context.delays[rows] + assumed("retender_wait_min"))


def _mixed(accepted: Risk, refused: Risk, fails: Floats) -> Risk:
    """What is expected before the answer is known; each part is linear in the distribution."""
    return Risk(
        *(
            (1 - fails) * getattr(accepted, name) + fails * getattr(refused, name)
            for name in ("failure_cost", "p_late", "expected_delay_min")
        )
    )


def _used(context: Context, tendered: npt.NDArray[np.bool_], unpriced: npt.NDArray[np.bool_]) -> frozenset[str]:
    used = {"retender_wait_min", "retender_handling_min", "costs.handling_per_min"}
    used |= set() if context.scoring.has(ModelName.TENDER_FAILURE) else {"retender_p_fail"}
    used |= {"retender_cancel_cost"} if tendered.any() else set()
    return frozenset(used | ({"retender_extra_price"} if unpriced.any() else set()))
