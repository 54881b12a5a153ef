"""The waterfall of one load as of a moment: whom to ask next and at what price, beside the routing guide's order.

Carriers and prices come from the rates in force, else from what was seen on the lane, as far as they suit the load's
equipment, less those that were offered this load already; refusals from the tender model, made later and deeper as the
waterfall goes on; times to accept and to refuse from what carriers have needed so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from decisions.answer_times import MOST_STEPS, STEP_MIN, answer_times
from decisions.asked_carriers import asked_carriers
from decisions.known_tables import KnownTables
from decisions.offers import later, offer_frame
from decisions.own_tenders import Standing, standing
from domain.errors import LanewiseError, NotThere
from domain.params import CostParams
from features.frame import FeatureFrames
from models.model import Model
from models.waterfall import MOST_CARRIERS, Figures, Plan, Waterfall, best_plan, follow

RAISES = (0.0, 0.05, 0.1, 0.2)
"""Shares by which a carrier may be offered more than its price."""
SPOT_PREMIUM = 0.62
"""What spot takes over contract when all refuse, where nobody says (Scott, Parker & Craighead 2017)."""
NOTICE_H = 2.0
"""Hours before pickup by which a carrier must have accepted, where nobody says."""
HANDLING_MIN = 6.0
"""A planner's minutes for each offer."""
MOST_SPOT, MOST_NOTICE_H = 1e12, 8_760.0
"""Most that spot may cost, money, and the most notice, a year."""


@dataclass(frozen=True)
class Asked:
    """One offer of a waterfall: to whom, at what price, and the probability that it is refused then.

    ``out_of_support`` says why the offer lies outside what is known: the carrier has never been offered anything, or
    the tender model was not trained on the like; ``None`` where it does not.
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
        Carriers that may be asked beyond those looked at.
    equipment
        What the load needs; ``None``: unknown.
    other_equipment
        Carriers of the lane that have no price or no trailers for it, and are not asked unless named.
    standing
        What became of the load's own offers. Whom they settle is not asked unless named. Where one was accepted, the
        waterfall is of offering the load away from that carrier; where one waits for its answer, of withdrawing it.
    """

    shipment_id: str
    as_of: datetime
    hours_left: float
    spot: float
    best: Way
    guide: Way
    left_out: int
    equipment: str | None = None
    other_equipment: tuple[str, ...] = ()
    standing: Standing = field(default_factory=Standing)


@dataclass(frozen=True)
class Whom:
    """Carriers that may be asked: their ids, and for each price why not to rely on what is said of it, shape (n, K)."""

    ids: Sequence[str]
    doubts: NDArray[np.object_]

    def offer(self, carrier: int, place: int, price: float, p_fail: float) -> Asked:
        """An offer to a carrier at its price of that place."""
        doubt = self.doubts[carrier, place]
        return Asked(self.ids[carrier], price, p_fail, None if pd.isna(doubt) else str(doubt))


@dataclass(frozen=True, eq=False)
class Load:
    """The load that is asked about.

    Attributes
    ----------
    left_min
        Minutes left until it must be covered.
    asked
        Whom to ask, in order: ``carrier_id, price``.
    spot, handling
        What the spot market and making an offer cost, money.
    """

    shipment_id: str
    left_min: float
    asked: pd.DataFrame
    spot: float
    handling: float


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
        Cost of the spot market, above 0; by default the lane's median price and :data:`SPOT_PREMIUM`.
    notice_h
        Hours before pickup by which a carrier must have accepted.

    Raises
    ------
    NotThere
        If the shipment or a named carrier was not known by then, or nobody is left on its lane at any price.
    LanewiseError
        If no time is left, or spot or notice are no such figures.
    """
    _check(spot, notice_h)
    known = KnownTables(frames.dataset, as_of)
    load = _load(known, shipment_id)
    left_min = _left_min(load.iloc[0], known, notice_h)
    own = standing(known, shipment_id)
    found = asked_carriers(known, load, own, carriers)
    cost = found.lane_price * (1.0 + SPOT_PREMIUM) if spot is None else spot
    asked, beyond = found.table.head(MOST_CARRIERS), len(found.table[MOST_CARRIERS:])
    open_load = Load(shipment_id, left_min, asked, cost, costs.handling_per_min * HANDLING_MIN)
    best, usual = _ways(frames, model, known, open_load)
    told = (found.equipment, found.other_equipment, own)
    return LoadWaterfall(shipment_id, as_of, left_min / 60, cost, best, usual, beyond, *told)


def _ways(frames: FeatureFrames, model: Model, known: KnownTables, load: Load) -> tuple[Way, Way]:
    """The best way down and the present order's."""
    prices = np.round(load.asked["price"].to_numpy(float)[:, None] * (1.0 + np.array(RAISES)), 2)
    offers = _offers(frames, load, known.as_of, prices)
    law = _law(model, known, load, prices, offers)
    whom = Whom(load.asked["carrier_id"].tolist(), _doubts(model, known, offers).reshape(prices.shape))
    return _way(best_plan(law), whom), _guide_way(law, whom)


def _check(spot: float | None, notice_h: float) -> None:
    if spot is not None and not 0 < spot <= MOST_SPOT:
        raise LanewiseError(f"the price of the spot market must be above 0 and at most {MOST_SPOT:,.0f}, but is {spot}")
    if not 0 <= notice_h <= MOST_NOTICE_H:
        raise LanewiseError(f"the notice must be from 0 to {MOST_NOTICE_H:,.0f} hours, but is {notice_h}")


def _law(model: Model, known: KnownTables, load: Load, prices: NDArray[np.float64], offers: pd.DataFrame) -> Waterfall:
    """What is known of the answers of the carriers that may be asked."""
    steps = int(min(load.left_min // STEP_MIN, MOST_STEPS))
    refusals = _refusals(model, offers, prices.shape, steps)
    times = answer_times(known.table("tenders"), known.as_of, load.asked["carrier_id"].tolist())
    spot = np.full(steps + 1, load.spot)
    return Waterfall(prices, refusals, times.accepts, times.refuses, spot, load.handling, STEP_MIN)


def _load(known: KnownTables, shipment_id: str) -> pd.DataFrame:
    """The load's row of ``shipments``."""
    found = known.of_shipments("shipments", pd.Series([shipment_id], dtype="str"))
    if found.empty:
        raise NotThere(f"shipment {shipment_id!r} is not in {known.dataset.manifest.name}, or was not known by then")
    return found


def _left_min(load: pd.Series, known: KnownTables, notice_h: float) -> float:
    """Minutes left until the load must be covered."""
    shipment_id = load["shipment_id"]
    if pd.isna(load["planned_pickup_at"]):
        raise LanewiseError(f"shipment {shipment_id!r} has no planned_pickup_at, so nobody knows how much time is left")
    left = (load["planned_pickup_at"] - pd.Timestamp(known.as_of)) / pd.Timedelta(minutes=1) - notice_h * 60
    if left < STEP_MIN:
        raise LanewiseError(
            f"of shipment {shipment_id!r} {left:.0f} minutes are left until {notice_h:g} h before its pickup; a "
            f"waterfall needs {STEP_MIN:g} at least: give an earlier --as-of or a smaller --notice-h"
        )
    return float(left)


def _doubts(model: Model, known: KnownTables, offers: pd.DataFrame) -> NDArray[np.object_]:
    """Why not to rely on what is said of each offer: the carrier was never offered anything, or the model's reason."""
    told, carriers = model.support(offers), offers["carrier_id"]
    never = ~carriers.isin(known.table("tenders")["carrier_id"])
    reasons = "carrier " + carriers.astype("str") + " has never been met in the tenders known by then"
    both = reasons.where(told.isna(), reasons + "; " + told.astype("str"))
    return np.asarray(told.where(~never, both).to_numpy(object))


def _offers(frames: FeatureFrames, load: Load, as_of: datetime, prices: NDArray[np.float64]) -> pd.DataFrame:
    """Features of an offer to each carrier at each price as of now, n · K rows."""
    offers = pd.DataFrame(
        {
            "shipment_id": load.shipment_id,
            "carrier_id": np.repeat(load.asked["carrier_id"].to_numpy(), prices.shape[1]),
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
