"""The waterfall of one load as of a moment: whom to ask next and at what price, beside the routing guide's order.

Carriers and prices come from the rates in force, else from what was seen on the lane; refusals from the tender model,
made later and deeper as the waterfall goes on; times to answer from what carriers have needed so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from decisions.known_tables import KnownTables
from decisions.offers import later, offer_frame
from decisions.pricing import LANE, lane_carriers
from domain.errors import LanewiseError, NotThere
from domain.params import CostParams
from features.frame import FeatureFrames
from models.model import Model
from models.waterfall import MOST_CARRIERS, Figures, Plan, Waterfall, best_plan, follow

RAISES = (0.0, 0.05, 0.1, 0.2)
"""Shares by which a carrier may be offered more than its price."""
SPOT_PREMIUM = 0.62
"""What spot takes over contract when all refuse, where nobody says (Scott, Parker & Craighead 2017)."""
STEP_MIN, MOST_STEPS, LONGEST_MIN = 15.0, 192, 240.0
"""Length of a step, most steps looked ahead, and the longest time to answer reckoned with."""
ENOUGH_ANSWERS = 30
"""Answers from which on a carrier has times of its own; with fewer, those of all are taken."""
NOTICE_H = 2.0
"""Hours before pickup by which a carrier must have accepted, where nobody says."""
HANDLING_MIN = 6.0
"""A planner's minutes for each offer."""


@dataclass(frozen=True)
class Asked:
    """One offer of a waterfall: to whom, at what price, and the probability that it is refused then.

    ``out_of_support`` says why the offer lies outside what the tender model was trained on; ``None`` where it does not.
    """

    carrier_id: str
    price: float
    p_fail: float
    out_of_support: str | None = None


@dataclass(frozen=True)
class Way:
    """A way down: its offers, and what it comes to."""

    offers: tuple[Asked, ...]
    figures: Figures


@dataclass(frozen=True)
class LoadWaterfall:
    """What a load's waterfall comes to.

    Attributes
    ----------
    hours_left
        Until the load must be covered.
    spot
        Cost of the spot market assumed, money.
    best, guide
        The plan of least expected cost; the present order at present prices.
    left_out
        Carriers of the lane beyond those looked at.
    """

    shipment_id: str
    as_of: datetime
    hours_left: float
    spot: float
    best: Way
    guide: Way
    left_out: int


@dataclass(frozen=True)
class Whom:
    """Carriers that may be asked: their ids, and for each price why not to rely on what is said of it, shape (n, K)."""

    ids: Sequence[str]
    doubts: NDArray[np.object_]

    def offer(self, carrier: int, place: int, price: float, p_fail: float) -> Asked:
        """An offer to a carrier at its price of that place."""
        doubt = self.doubts[carrier, place]
        return Asked(self.ids[carrier], price, p_fail, None if pd.isna(doubt) else str(doubt))


@dataclass(frozen=True)
class Load:
    """The load that is asked about: its lane, and minutes left until it must be covered."""

    shipment_id: str
    lane: tuple[str, str]
    left_min: float


def load_waterfall(
    frames: FeatureFrames,
    model: Model,
    shipment_id: str,
    as_of: datetime,
    costs: CostParams,
    carriers: Sequence[str] = (),
    spot: float | None = None,
    notice_h: float = NOTICE_H,
) -> LoadWaterfall:
    """Find the best way down, and reckon the present one.

    Parameters
    ----------
    carriers
        Whom to ask, in the present order; by default the lane's guide.
    spot
        Cost of the spot market; by default the guide's middle price and :data:`SPOT_PREMIUM`.
    notice_h
        Hours before pickup by which a carrier must have accepted.

    Raises
    ------
    NotThere
        If the shipment was not known by then, or nobody is known on its lane at any price.
    LanewiseError
        If no time is left.
    """
    known = KnownTables(frames.dataset, as_of)
    load = _load(known, shipment_id, notice_h)
    guide = _guide(known, load, carriers)
    asked = guide.head(MOST_CARRIERS)
    cost = float(np.median(asked["price"])) * (1.0 + SPOT_PREMIUM) if spot is None else spot
    prices = np.round(asked["price"].to_numpy(float)[:, None] * (1.0 + np.array(RAISES)), 2)
    offers = _offers(frames, load, known.as_of, asked, prices)
    law = _law(model, known, load, asked, prices, offers, cost, costs.handling_per_min * HANDLING_MIN)
    whom = Whom(asked["carrier_id"].tolist(), model.support(offers).to_numpy(object).reshape(prices.shape))
    best, usual = _way(best_plan(law), whom), _guide_way(law, whom)
    return LoadWaterfall(shipment_id, as_of, load.left_min / 60, cost, best, usual, len(guide) - len(asked))


def _law(
    model: Model,
    known: KnownTables,
    load: Load,
    asked: pd.DataFrame,
    prices: NDArray[np.float64],
    offers: pd.DataFrame,
    spot: float,
    handling: float,
) -> Waterfall:
    """What is known of the answers of the carriers that may be asked."""
    steps = int(min(load.left_min // STEP_MIN, MOST_STEPS))
    refusals = _refusals(model, offers, prices.shape, steps)
    answers = _answers(known.table("tenders"), asked["carrier_id"])
    return Waterfall(prices, refusals, answers, np.full(steps + 1, spot), handling, STEP_MIN)


def _load(known: KnownTables, shipment_id: str, notice_h: float) -> Load:
    shipments = known.table("shipments")
    found = shipments[shipments["shipment_id"] == shipment_id]
    if found.empty:
        raise NotThere(f"shipment {shipment_id!r} is not in {known.dataset.manifest.name}, or was not known by then")
    row = found.iloc[0]
    if pd.isna(row["planned_pickup_at"]):
        raise LanewiseError(f"shipment {shipment_id!r} has no planned_pickup_at, so nobody knows how much time is left")
    left = (row["planned_pickup_at"] - pd.Timestamp(known.as_of)) / pd.Timedelta(minutes=1) - notice_h * 60
    if left < STEP_MIN:
        raise LanewiseError(
            f"of shipment {shipment_id!r} {left:.0f} minutes are left until {notice_h:g} h before its pickup; a "
            f"waterfall needs {STEP_MIN:g} at least: give an earlier --as-of or a smaller --notice-h"
        )
    return Load(shipment_id, (row["origin_id"], row["destination_id"]), float(left))


def _guide(known: KnownTables, load: Load, carriers: Sequence[str]) -> pd.DataFrame:
    """Carriers in the present order with their prices: ``carrier_id, price``."""
    every = lane_carriers(known).dropna(subset=["price"])
    here = every[(every[LANE[0]] == load.lane[0]) & (every[LANE[1]] == load.lane[1])].drop_duplicates("carrier_id")
    ranked = here.assign(rank=_ranks(known, load, here["carrier_id"])).sort_values(["rank", "price", "carrier_id"])
    if not carriers:
        chosen = ranked
    else:
        # Whoever was never seen on the lane is asked at what the lane usually costs.
        usual = float(ranked["price"].median()) if len(ranked) else np.nan
        price = ranked.set_index("carrier_id")["price"].reindex(list(dict.fromkeys(carriers))).fillna(usual)
        chosen = price.rename_axis("carrier_id").reset_index().dropna()
    if chosen.empty:
        raise NotThere(f"no carrier with a price is known on the lane {load.lane[0]} → {load.lane[1]} by then")
    return chosen[["carrier_id", "price"]].reset_index(drop=True)


def _ranks(known: KnownTables, load: Load, carriers: pd.Series) -> pd.Series:
    """Places in the routing guide; a carrier that has none comes last."""
    rates = known.table("rates")
    here = rates[(rates[LANE[0]] == load.lane[0]) & (rates[LANE[1]] == load.lane[1])]
    return carriers.map(here.groupby("carrier_id")["sequence"].min()).fillna(np.inf)


def _offers(
    frames: FeatureFrames, load: Load, as_of: datetime, asked: pd.DataFrame, prices: NDArray[np.float64]
) -> pd.DataFrame:
    """Features of an offer to each carrier at each price as of now, n · K rows."""
    offers = pd.DataFrame(
        {
            "shipment_id": load.shipment_id,
            "carrier_id": np.repeat(asked["carrier_id"].to_numpy(), prices.shape[1]),
            "price": prices.ravel(),
            "as_of": pd.Timestamp(as_of),
        }
    ).astype({"shipment_id": "str", "carrier_id": "str"})
    return offer_frame(frames, offers)


def _refusals(model: Model, offers: pd.DataFrame, shape: tuple[int, ...], steps: int) -> NDArray[np.float64]:
    """P(fails) by refusals so far, steps left, carrier and price: the offers as of now, made later and deeper."""
    n, count = shape
    depth, left, row = (a.ravel() for a in np.meshgrid(range(n), range(steps + 1), range(n * count), indexing="ij"))
    moved = later(offers.iloc[row].reset_index(drop=True), (steps - left) * STEP_MIN, depth.astype(float))
    return np.asarray(model.predict(moved)["p_fail"], dtype=np.float64).reshape(n, steps + 1, n, count)


def _answers(tenders: pd.DataFrame, carriers: pd.Series) -> NDArray[np.float64]:
    """Probability that the answer is known after so many steps, shape (n, W + 1): each carrier's own, or all's."""
    waits = (tenders["outcome_known_at"] - tenders["offered_at"]) / pd.Timedelta(minutes=1)
    steps = np.ceil(waits.clip(STEP_MIN / 2, LONGEST_MIN) / STEP_MIN)
    of = tenders["carrier_id"]
    usual = _shares(steps)
    own = {carrier: _shares(some) for carrier in carriers if (some := steps[of == carrier]).count() >= ENOUGH_ANSWERS}
    return np.array([own.get(carrier, usual) for carrier in carriers])


def _shares(steps: pd.Series) -> NDArray[np.float64]:
    """Share of each number of steps; an hour where there is not a single answer."""
    known: NDArray[np.int64] = steps.dropna().to_numpy(np.int64)
    known = known if known.size else np.array([round(60 / STEP_MIN)])
    counted = np.bincount(known, minlength=round(LONGEST_MIN / STEP_MIN) + 1)
    return np.asarray(counted / known.size, dtype=np.float64)


def _way(plan: Plan, whom: Whom) -> Way:
    prices = plan.waterfall.prices
    offers = (
        whom.offer(one.carrier, one.price, float(prices[one.carrier, one.price]), one.p_fail) for one in plan.order()
    )
    return Way(tuple(offers), plan.figures)


def _guide_way(law: Waterfall, whom: Whom) -> Way:
    """The present order at present prices, refusals as of the first moment at each depth."""
    n = len(whom.ids)
    fails = law.p_fail[range(n), -1, range(n), 0]
    offers = (whom.offer(k, 0, float(law.prices[k, 0]), float(fails[k])) for k in range(n))
    return Way(tuple(offers), follow(law, range(n)))
