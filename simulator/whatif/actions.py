"""What can be done about a load, as of a moment, and what it changes; names as in the catalogue of actions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from domain.errors import BadSettings
from domain.params import CostParams
from simulator.flow.conditions import Conditions
from simulator.flow.loads import NOBODY, Loads
from simulator.flow.tendering import ACCEPTED, Offers
from simulator.flow.waterfall import NOTICE_MIN, one_round, postponed
from simulator.network.clock import HOUR
from simulator.network.columns import Columns
from simulator.network.guide import fair_price
from simulator.network.noise import Floats, Ints
from simulator.network.sites import CLOSES_MIN, OPENS_MIN
from simulator.network.world import World
from simulator.whatif.history import own_fleet
from simulator.whatif.steering import Steering, may_be_asked, rank_of

VEHICLE_NOTICE_MIN = 240.0
VEHICLE_FIXED, VEHICLE_RATIO = 250.0, 1.35
"""Price of a vehicle shifted from another depot: empty kilometres, and a ratio of the fair price."""
MOST_MARKUP = 3.0
MOST_REBOOKED_H = 48.0


class Kind(IntEnum):
    """Kinds of actions."""

    DO_NOTHING = 0
    RETENDER = 1
    RAISE_PRICE = 2
    RELEASE_EARLIER = 3
    EXPEDITE = 4
    NOTIFY = 5
    REBOOK_DOCK = 6
    SHIFT_CAPACITY = 7
    ESCALATE = 8
    SKIP = 9


COSTS = CostParams()
WORK_MIN = {
    Kind.RETENDER: 15.0, Kind.RAISE_PRICE: 3.0, Kind.RELEASE_EARLIER: 3.0, Kind.EXPEDITE: 10.0, Kind.NOTIFY: 2.0,
    Kind.REBOOK_DOCK: 8.0, Kind.SHIFT_CAPACITY: 20.0, Kind.ESCALATE: COSTS.escalate_min, Kind.SKIP: 1.0,
}  # fmt: skip
"""A planner's minutes for each, the handling of offers apart."""


@dataclass(frozen=True)
class Action:
    """One action on one load.

    Attributes
    ----------
    kind
        What is done.
    carrier
        For a re-tender and a skip; :data:`simulator.whatif.steering.SPOT` re-tenders on the spot market.
    amount
        Price of a re-tender (NaN: what the carrier asks), share by which further offers are raised, hours by which a
        load is released earlier, hours by which its pickup is re-booked (negative: earlier).
    """

    kind: Kind = Kind.DO_NOTHING
    carrier: int = NOBODY
    amount: float = float("nan")

    def __post_init__(self) -> None:
        if self.kind in (Kind.RAISE_PRICE, Kind.RELEASE_EARLIER) and not self.amount >= 0:
            raise BadSettings(f"{self.kind.name.lower()} needs an amount of 0 or more, but has {self.amount}")
        if self.kind is Kind.REBOOK_DOCK and not abs(self.amount) <= MOST_REBOOKED_H:
            raise BadSettings(f"rebook moves a pickup by at most {MOST_REBOOKED_H:.0f} h, but is told {self.amount}")
        if self.kind in (Kind.RETENDER, Kind.SKIP) and self.carrier == NOBODY:
            raise BadSettings(f"{self.kind.name.lower()} needs a carrier")


DO_NOTHING = Action()


def retender(carrier: int, price: float = float("nan")) -> Action:
    """Offer the load to another carrier of its lane; never below the price that the carrier asks."""
    return Action(Kind.RETENDER, carrier, price)


def raise_price(share: float) -> Action:
    """Raise the price of all further offers under contract; the spot market asks what it asks."""
    return Action(Kind.RAISE_PRICE, amount=share)


def release_earlier(hours: float) -> Action:
    """Release the load so many hours earlier, with the same pickup: more lead time."""
    return Action(Kind.RELEASE_EARLIER, amount=hours)


def rebook(hours: float) -> Action:
    """Move the pickup to the first open hour so much later (negative: earlier)."""
    return Action(Kind.REBOOK_DOCK, amount=hours)


def skip(carrier: int) -> Action:
    """Pass over a carrier of the guide."""
    return Action(Kind.SKIP, carrier)


EXPEDITE, NOTIFY = Action(Kind.EXPEDITE), Action(Kind.NOTIFY)
SHIFT_CAPACITY, ESCALATE = Action(Kind.SHIFT_CAPACITY), Action(Kind.ESCALATE)


@dataclass
class Actions(Columns):
    """Actions, one for each of so many loads."""

    kind: Ints
    carrier: Ints
    amount: Floats

    @classmethod
    def of(cls, actions: Sequence[Action]) -> Self:
        """As columns."""
        kind, carrier = ([int(getattr(one, name)) for one in actions] for name in ("kind", "carrier"))
        return cls(
            np.array(kind, dtype=np.int64), np.array(carrier, dtype=np.int64),
            np.array([one.amount for one in actions], dtype=float),
        )  # fmt: skip


@dataclass
class Situation:
    """Loads at a moment, what was decided about them, and what is done now; each part has a row a load.

    Attributes
    ----------
    offers
        Offers that were made at once, beside the load's present carrier.
    """

    world: World
    at: Conditions
    loads: Loads
    steering: Steering
    actions: Actions
    as_of: Floats
    offers: list[Offers]

    def rows(self, rows: Ints) -> "Situation":
        """Some of them."""
        return Situation(
            self.world, self.at, self.loads[rows], self.steering[rows], self.actions[rows], self.as_of[rows],
            self.offers,
        )  # fmt: skip

    @property
    def pending(self) -> NDArray[np.bool_]:
        """Whether an answer is still out."""
        return pending(self.loads, self.steering, self.as_of)

    @property
    def held(self) -> NDArray[np.bool_]:
        """Whether a carrier is known to have the load."""
        return held(self.loads, self.as_of)

    @property
    def open(self) -> NDArray[np.bool_]:
        """Whether the load waits for somebody to offer it."""
        return ~self.held & ~self.pending


def held(loads: Loads, as_of: Floats) -> NDArray[np.bool_]:
    """Whether a carrier is known to have a load at a moment."""
    return np.asarray((loads.carrier >= 0) & (loads.covered_at <= as_of) & ~(loads.gives_back_at <= as_of))


def pending(loads: Loads, steering: Steering, as_of: Floats) -> NDArray[np.bool_]:
    """Whether the answer to an offer of a load is still out at a moment."""
    return np.asarray((steering.answered_at > as_of) | (loads.covered_at > as_of))


def cancelled(loads: Loads, as_of: Floats | float) -> NDArray[np.bool_]:
    """Whether the shipper has cancelled a load by a moment, before its pickup."""
    return np.asarray(loads.cancels_at <= np.minimum(as_of, loads.ready_at))


def act(
    world: World, at: Conditions, loads: Loads, steering: Steering, actions: Actions, as_of: Floats
) -> tuple[NDArray[np.bool_], list[Offers]]:
    """Carry out actions, in place.

    Returns
    -------
    tuple
        Whether each could be done (what could not is left, and costs nothing), and offers that were answered at once.
    """
    situation = Situation(world, at, loads, steering, actions, as_of, [])
    done = actions.kind == Kind.DO_NOTHING
    for kind, change in CHANGES.items():
        rows = np.flatnonzero((actions.kind == kind) & _in_time(situation, kind))
        if not len(rows):
            continue
        some = situation.rows(rows)
        could = change(some)
        some.steering.minutes = some.steering.minutes + WORK_MIN[kind]
        rows, some = rows[could], some.rows(np.flatnonzero(could))
        loads.put(rows, some.loads)
        steering.put(rows, some.steering)
        done[rows] = True
    return done, situation.offers


def _in_time(now: Situation, kind: Kind) -> NDArray[np.bool_]:
    """Whether there still is something to do: before pickup, or before arrival at the customer."""
    loads, as_of = now.loads, now.as_of
    alive = ~cancelled(loads, as_of) & ~(loads.reached_at <= as_of)
    if kind in (Kind.EXPEDITE, Kind.NOTIFY):
        return alive & (loads.released_at <= as_of)
    if kind is Kind.RELEASE_EARLIER:
        return as_of < loads.released_at
    return alive & (loads.released_at <= as_of) & np.isnan(loads.departed_at) & ((loads.ready_at > as_of) | ~now.held)


def _retender(now: Situation) -> NDArray[np.bool_]:
    able = may_be_asked(now.world, now.loads, now.actions.carrier, now.as_of)
    held_by = now.held
    able &= ~(held_by & (now.pending | (now.loads.carrier == now.actions.carrier)))
    now.steering.carrier = np.where(able, now.actions.carrier, now.steering.carrier)
    now.steering.price = np.where(able, now.actions.amount, now.steering.price)
    now.loads.next_at = np.where(able & now.open, now.as_of, now.loads.next_at)
    rows = np.flatnonzero(able & held_by)
    if len(rows):
        beside = now.rows(rows)
        _ask_beside(beside)
        now.loads.put(rows, beside.loads)
        now.steering.put(rows, beside.steering)
    return np.asarray(able)


def _ask_beside(now: Situation) -> None:
    """Ask another carrier while the present one keeps the load; swap them if the other takes it, and in time."""
    asked = now.loads[np.arange(len(now.loads))]
    asked.next_at, asked.gives_back_at = now.as_of.copy(), np.full(len(asked), np.inf)
    offers = one_round(now.world, now.at, asked, now.steering)
    swapped = np.flatnonzero((offers.outcome == ACCEPTED) & (asked.ready_at == now.loads.ready_at))
    now.loads.put(swapped, asked[swapped])
    now.steering.lost[swapped] += 1
    now.offers.append(offers)


def _raise_price(now: Situation) -> NDArray[np.bool_]:
    now.steering.markup = np.minimum(now.steering.markup * (1.0 + now.actions.amount), MOST_MARKUP)
    return ~now.held


def _release_earlier(now: Situation) -> NDArray[np.bool_]:
    now.loads.next_at = now.loads.next_at - (now.loads.released_at - now.as_of)
    now.loads.released_at = now.as_of.copy()
    return np.ones(len(now.loads), dtype=bool)


def _expedite(now: Situation) -> NDArray[np.bool_]:
    first = np.isnan(now.loads.expedited_at)
    now.loads.expedited_at = np.where(first, now.as_of, now.loads.expedited_at)
    return np.asarray(first)


def _notify(now: Situation) -> NDArray[np.bool_]:
    first = np.isnan(now.loads.notified_at)
    now.loads.notified_at = np.where(first, now.as_of, now.loads.notified_at)
    now.steering.spent = now.steering.spent + COSTS.notify
    return np.asarray(first)


def _rebook(now: Situation) -> NDArray[np.bool_]:
    zone = now.world.origin_zone(now.loads.lane)
    wanted = now.loads.ready_at + HOUR * now.actions.amount
    slot = now.world.clock.next_open(wanted, zone, OPENS_MIN, CLOSES_MIN)
    able = slot >= now.as_of + NOTICE_MIN
    now.loads.ready_at = np.where(able, slot, now.loads.ready_at)
    return np.asarray(able)


def _shift_vehicle(now: Situation) -> NDArray[np.bool_]:
    loads, fleet = now.loads, own_fleet(now.world)
    able = loads.carrier != fleet
    now.steering.lost = now.steering.lost + (loads.carrier >= 0)
    loads.carrier = np.full(len(loads), fleet)
    loads.price = vehicle_price(now.world, loads)
    loads.contract = np.zeros(len(loads), dtype=bool)
    loads.covered_at = now.as_of.copy()
    loads.gives_back_at, loads.next_at = np.full(len(loads), np.inf), np.full(len(loads), np.inf)
    loads.ready_at = postponed(now.world, loads, now.as_of + VEHICLE_NOTICE_MIN - NOTICE_MIN)
    return np.asarray(able)


def vehicle_price(world: World, loads: Loads) -> Floats:
    """What a vehicle shifted from another depot costs."""
    fair = fair_price(world.lanes, loads.lane)
    return np.round(VEHICLE_FIXED + VEHICLE_RATIO * fair, 2)


def _escalate(now: Situation) -> NDArray[np.bool_]:
    now.loads.next_at = np.where(now.open, now.as_of, now.loads.next_at)
    now.steering.urged = np.ones(len(now.loads), dtype=bool)
    return ~now.held


def _skip(now: Situation) -> NDArray[np.bool_]:
    rank = rank_of(now.world, now.loads, now.actions.carrier)
    now.steering.skipped = now.steering.skipped | np.where(rank >= 0, 1 << np.maximum(rank, 0), 0)
    return rank >= 0


CHANGES: dict[Kind, Callable[[Situation], NDArray[np.bool_]]] = {
    Kind.RETENDER: _retender, Kind.RAISE_PRICE: _raise_price, Kind.RELEASE_EARLIER: _release_earlier,
    Kind.EXPEDITE: _expedite, Kind.NOTIFY: _notify, Kind.REBOOK_DOCK: _rebook, Kind.SHIFT_CAPACITY: _shift_vehicle,
    Kind.ESCALATE: _escalate, Kind.SKIP: _skip,
}  # fmt: skip
