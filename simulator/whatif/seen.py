"""What planners see at a moment: all that is on record by then, and nothing else.

A policy is handed these types only. They hold numbers copied from the record: no world, no chance, no hardness, no
moods, no market beyond what is published, and no time that is yet to come except those that are planned.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.flow.conditions import Books
from simulator.flow.engine import expected_arrival
from simulator.flow.loads import NOBODY, Loads
from simulator.flow.promises import planned_delivery_at
from simulator.flow.tendering import ACCEPTED, Offers
from simulator.flow.transit import USUAL_LOADING_MIN, usual_transit
from simulator.flow.waterfall import URGENT_PREMIUM
from simulator.network.columns import Columns
from simulator.network.guide import DEPTH, contract_price, fair_price
from simulator.network.noise import Floats, Ints
from simulator.network.world import World
from simulator.whatif.actions import Action, Actions, cancelled, held, pending
from simulator.whatif.costs import fine_agreed, late_per_min
from simulator.whatif.steering import Steering

PUBLISHED_DAYS = 28


@dataclass
class SeenLoads(Columns):
    """Loads that are released and neither delivered nor cancelled; minutes since the start, NaN for "not yet known".

    Attributes
    ----------
    load
        Number by which a decision names the load.
    lane, centre, customer, tier, equipment, hint
        Indices.
    fine, late_per_min
        Penalties agreed with the customer.
    ready_at
        Pickup as it is booked.
    planned_delivery_at
        Delivery promised.
    refusals
        Offers that were refused or lapsed.
    pending
        An answer is out.
    carrier, price, covered_at
        Who has the load; :data:`simulator.flow.loads.NOBODY` and NaN where nobody is known to.
    departed_at, expected_at
        Departure, and arrival at the customer as one reckons it.
    expedited, notified, markup
        What was done already, and the ratio by which further offers are raised.
    guide_carrier, guide_price
        (n, DEPTH) the lane's routing guide, at today's contract prices.
    skipped
        (n, DEPTH) entries that are not offered any more.
    asked, taken
        (n, DEPTH) offers answered by those carriers on that lane so far, and those accepted.
    spot_usual
        What the spot market asks on average.
    """

    load: Ints
    lane: Ints
    centre: Ints
    customer: Ints
    tier: Ints
    equipment: Ints
    hint: Ints
    km: Floats
    weight_kg: Floats
    pallets: Floats
    value: Floats
    fine: Floats
    late_per_min: Floats
    spot_only: NDArray[np.bool_]
    released_at: Floats
    pickup_at: Floats
    ready_at: Floats
    window_from: Floats
    window_until: Floats
    planned_delivery_at: Floats
    refusals: Ints
    pending: NDArray[np.bool_]
    carrier: Ints
    price: Floats
    covered_at: Floats
    departed_at: Floats
    expected_at: Floats
    expedited: NDArray[np.bool_]
    notified: NDArray[np.bool_]
    markup: Floats
    guide_carrier: Ints
    guide_price: Floats
    skipped: NDArray[np.bool_]
    asked: Ints
    taken: Ints
    spot_usual: Floats

    @property
    def uncovered(self) -> NDArray[np.bool_]:
        """Waiting for somebody to be asked."""
        return (self.carrier == NOBODY) & ~self.pending

    @property
    def on_road(self) -> NDArray[np.bool_]:
        """Departed."""
        return np.isfinite(self.departed_at)


@dataclass(frozen=True)
class Seen:
    """The network as planners see it.

    Attributes
    ----------
    as_of
        Now, minutes since the start.
    loads
        Open loads.
    books
        Pickups booked when the day began.
    spot_ratio
        Spot price over fair contract price on each of the last :data:`PUBLISHED_DAYS` days, today last.
    """

    as_of: float
    loads: SeenLoads
    books: Books
    spot_ratio: Floats


@dataclass(frozen=True)
class Decisions:
    """Actions on loads, named by :attr:`SeenLoads.load`; those on one load are carried out in order."""

    load: Ints
    actions: Actions

    @classmethod
    def of(cls, decided: list[tuple[int, Action]]) -> "Decisions":
        """From pairs of load and action."""
        return cls(np.array([load for load, _ in decided], dtype=np.int64), Actions.of([one for _, one in decided]))


class Record:
    """Answers of carriers so far, by lane and entry of its guide."""

    def __init__(self, lanes: int) -> None:
        self.asked = np.zeros((lanes, DEPTH), dtype=np.int64)
        self.taken = np.zeros((lanes, DEPTH), dtype=np.int64)
        self._later: list[tuple[Ints, Ints, NDArray[np.bool_], Floats]] = []

    def note(self, offers: Offers) -> None:
        """Remember offers, to be counted when their answer is in."""
        some = np.flatnonzero(offers.contract)
        taken = offers.outcome[some] == ACCEPTED
        self._later.append((offers.lane[some], offers.rank[some], taken, offers.outcome_at[some]))

    def count(self, as_of: float) -> None:
        """Count the answers that are in."""
        still = []
        for lane, rank, taken, answered_at in self._later:
            known = answered_at <= as_of
            np.add.at(self.asked, (lane[known], rank[known]), 1)
            np.add.at(self.taken, (lane[known], rank[known]), taken[known])
            if not known.all():
                still.append((lane[~known], rank[~known], taken[~known], answered_at[~known]))
        self._later = still


def seen(
    world: World, books: Books, loads: Loads, numbers: Ints, steering: Steering, record: Record, as_of: float
) -> Seen:
    """What is on record of some loads, of the market and of the carriers."""
    shown = np.flatnonzero(visible(loads, as_of))
    record.count(as_of)
    day = int(world.clock.day(np.array([as_of]))[0])
    ratio = world.market.spot_ratio[max(0, day + 1 - PUBLISHED_DAYS) : day + 1].copy()
    rows = _seen_loads(world, loads[shown], numbers[shown], steering[shown], record, as_of, day)
    return Seen(as_of, rows, Books(books.day, books.carrier.copy(), books.dock.copy()), ratio)


def visible(loads: Loads, as_of: float) -> NDArray[np.bool_]:
    """Released, and neither delivered nor cancelled."""
    return (loads.released_at <= as_of) & ~(loads.delivered_at <= as_of) & ~cancelled(loads, as_of)


def _seen_loads(
    world: World, loads: Loads, numbers: Ints, steering: Steering, record: Record, as_of: float, day: int
) -> SeenLoads:
    now, lanes, lane = np.full(len(loads), as_of), world.lanes, loads.lane
    out, who = pending(loads, steering, now), held(loads, now)
    ready = np.where(out & np.isfinite(steering.shown_ready_at), steering.shown_ready_at, loads.ready_at)
    departed = np.where(loads.departed_at <= now, loads.departed_at, np.nan)
    days = np.full((len(loads), 1), day)
    fair = fair_price(lanes, lane) * np.where(loads.spot_only, 1.0, 1 + URGENT_PREMIUM)
    return SeenLoads(
        load=numbers, lane=lane, centre=lanes.centre[lane], customer=lanes.customer[lane],
        tier=world.customers.tier[lanes.customer[lane]], equipment=lanes.equipment[lane], hint=loads.hint,
        km=lanes.km[lane], weight_kg=loads.weight_kg, pallets=loads.pallets, value=loads.value,
        fine=fine_agreed(world, loads), late_per_min=late_per_min(world, loads), spot_only=loads.spot_only,
        released_at=loads.released_at, pickup_at=loads.pickup_at, ready_at=ready, window_from=loads.window_from,
        window_until=loads.window_until, planned_delivery_at=planned_delivery_at(loads),
        refusals=loads.sequence - (out | who), pending=out,
        carrier=np.where(who, loads.carrier, NOBODY), price=np.where(who, loads.price, np.nan),
        covered_at=np.where(who, loads.covered_at, np.nan), departed_at=departed,
        expected_at=_reckoned(world, loads, ready, departed, now), expedited=loads.expedited_at <= now,
        notified=loads.notified_at <= now, markup=steering.markup,
        skipped=(steering.skipped[:, None] >> np.arange(DEPTH)) & 1 == 1, guide_carrier=world.guide.carrier[lane],
        guide_price=contract_price(world.guide, world.market, lane[:, None], np.arange(DEPTH), days),
        asked=record.asked[lane], taken=record.taken[lane], spot_usual=fair * world.market.spot_ratio[day],
    )  # fmt: skip


def _reckoned(world: World, loads: Loads, ready: Floats, departed: Floats, now: Floats) -> Floats:
    """Arrival at the customer: from the last milestone on as usual; once half way, as long again as it took so far."""
    usual = usual_transit(world.lanes, loads.lane)
    late_start = np.maximum(ready, np.where(loads.arrived_at <= now, loads.arrived_at, now))
    start = np.where(np.isnan(departed), late_start + usual, departed + usual - USUAL_LOADING_MIN)
    return np.where(loads.halfway_at <= now, expected_arrival(loads), start)
