"""A day of tendering: offers go out, answers come back, who was refused goes to the next in the guide or to spot."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.flow.conditions import Conditions
from simulator.flow.loads import NOBODY, Loads
from simulator.flow.tendering import ACCEPTED, CANCELLED, Offers, answer_window, answered, gives_back
from simulator.network.clock import DAY, HOUR
from simulator.network.guide import DEPTH, contract_price, fair_price
from simulator.network.noise import Floats, Ints
from simulator.network.sites import CLOSES_MIN, OPENS_MIN
from simulator.network.world import World

HANDLING_MIN = 6.0
"""Mean minutes until a planner sends the next offer."""
NOTICE_MIN = 120.0
"""Least time between acceptance and pickup."""
OFFERS_FROM_MIN, OFFERS_UNTIL_MIN = 7 * 60, 19 * 60
URGENT_BELOW_MIN = 4 * HOUR
"""With less time than this to pickup nobody goes on down the guide."""
URGENT_PREMIUM = 0.57
"""What spot carriers take more from a shipper whom all have refused (share of the spot price)."""
SPOT_SPREAD = 0.07
MOST_ROUNDS = 60


@dataclass(frozen=True)
class Round:
    """Offers made at one go, and the loads that found a carrier, as they were right then."""

    offers: Offers
    taken: Loads


class Steers(Protocol):
    """What planners decided beyond the routing guide, for the loads of a round."""

    def ahead(self, world: World, loads: Loads) -> None:
        """Before the next offers are worked out."""
        ...

    def redirect(self, world: World, loads: Loads, offers: Offers) -> None:
        """Before the offers are answered."""
        ...

    def follow(self, world: World, loads: Loads, offers: Offers) -> None:
        """After the loads are settled."""
        ...


class Steering(Protocol):
    """The same for all loads, from which the rows of a round are taken and put back."""

    def __getitem__(self, rows: Ints) -> Steers: ...

    def put(self, rows: Ints, other: Any) -> None:
        """Overwrite rows."""
        ...


def rounds(world: World, at: Conditions, loads: Loads, day: int | Ints) -> list[Round]:
    """Make all offers that are due before a day (one for all, or each load's own) ends; updates the loads in place."""
    return rounds_until(world, at, loads, np.full(len(loads), (day + 1.0) * DAY))


def rounds_until(
    world: World, at: Conditions, loads: Loads, until: Floats, steering: Steering | None = None
) -> list[Round]:
    """Make all offers that are due before each load's moment; updates loads and steering in place."""
    made: list[Round] = []
    for _ in range(MOST_ROUNDS):
        due = np.flatnonzero((loads.next_at < until) & (loads.next_at < loads.cancels_at))
        if not len(due) and made:
            break
        some, steers = loads[due], None if steering is None else steering[due]
        offers = one_round(world, at, some, steers)
        offers.load = due
        loads.put(due, some)
        if steering is not None:
            steering.put(due, steers)
        made.append(Round(offers, some[offers.outcome == ACCEPTED]))
    return made


def one_round(world: World, at: Conditions, loads: Loads, steers: Steers | None) -> Offers:
    """Make one offer for each load, and settle it."""
    if steers is not None:
        steers.ahead(world, loads)
    returned(loads)
    offers = next_offers(world, loads)
    if steers is not None:
        steers.redirect(world, loads, offers)
    answered(world, at, loads, offers)
    settle(world, loads, offers)
    if steers is not None:
        steers.follow(world, loads, offers)
    return offers


def returned(loads: Loads) -> None:
    """Loads handed back are nobody's again."""
    loads.carrier = np.where(np.isfinite(loads.gives_back_at), NOBODY, loads.carrier)
    loads.gives_back_at = np.full(len(loads), np.inf)


def next_offers(world: World, loads: Loads) -> Offers:
    """To whom each load is offered next, and at what price."""
    loads.rank = first_valid(world, loads)
    urgent = loads.ready_at - loads.next_at < URGENT_BELOW_MIN
    contract = (loads.rank < world.guide.length[loads.lane]) & ~loads.spot_only & ~urgent
    day, rank = world.clock.day(loads.next_at), np.minimum(loads.rank, DEPTH - 1)
    agreed = contract_price(world.guide, world.market, loads.lane, rank, day)
    return Offers(
        load=np.arange(len(loads)), key=loads.key, lane=loads.lane,
        carrier=np.where(contract, world.guide.carrier[loads.lane, rank], spot_carrier(world, loads)),
        rank=loads.rank, sequence=loads.sequence + 1, contract=contract,
        price=np.where(contract, agreed, spot_price(world, loads, loads.next_at)),
        offered_at=loads.next_at, respond_by=loads.next_at + answer_window(loads, loads.next_at),
        ready_at=loads.ready_at, hard=loads.hard, value=loads.value,
        outcome=np.zeros(len(loads), dtype=np.int64), outcome_at=loads.next_at,
        reason=np.zeros(len(loads), dtype=np.int64),
    )  # fmt: skip


def first_valid(world: World, loads: Loads) -> Ints:
    """Rank of the next entry whose carrier has started business."""
    rank, day = loads.rank.copy(), world.clock.day(loads.next_at)
    for _ in range(DEPTH):
        carrier = world.guide.carrier[loads.lane, np.minimum(rank, DEPTH - 1)]
        early = (rank < world.guide.length[loads.lane]) & (world.carriers.since_day[carrier] > day)
        if not early.any():
            break
        rank = rank + early
    return rank


def spot_carrier(world: World, loads: Loads) -> Ints:
    """A broker that bids on the load at this attempt; one of those that have the trailer."""
    drawn = world.noise.uniform("spot carrier", loads.key, loads.sequence)
    equipment = world.lanes.equipment[loads.lane]
    found = np.zeros(len(loads), dtype=np.int64)
    for kind, choices in enumerate(world.carriers.on_spot):
        found = np.where(equipment == kind, choices[(drawn * len(choices)).astype(np.int64)], found)
    return found


def spot_price(world: World, loads: Loads, when: Floats) -> Floats:
    """What the spot market asks: more of those whom all have refused, less of those who planned for it."""
    fair = fair_price(world.lanes, loads.lane)
    ratio = world.market.spot_ratio[world.clock.day(when)]
    chance = np.exp(SPOT_SPREAD * world.noise.normal("spot price", loads.key, loads.sequence))
    return np.round(fair * ratio * chance * np.where(loads.spot_only, 1.0, 1 + URGENT_PREMIUM), 2)


def settle(world: World, loads: Loads, offers: Offers) -> None:
    """What the answers mean for the loads: covered, or on to the next."""
    open_still = offers.outcome_at >= loads.cancels_at
    offers.outcome = np.where(open_still, CANCELLED, offers.outcome)
    offers.outcome_at = np.where(open_still, loads.cancels_at, offers.outcome_at)
    accepted = offers.outcome == ACCEPTED
    loads.sequence = offers.sequence
    loads.rank = offers.rank + offers.contract
    loads.carrier = np.where(accepted, offers.carrier, NOBODY)
    loads.price = np.where(accepted, offers.price, np.nan)
    loads.contract = offers.contract
    loads.covered_at = np.where(accepted, offers.outcome_at, np.nan)
    loads.ready_at = postponed(world, loads, np.where(accepted, offers.outcome_at, offers.outcome_at + HOUR))
    loads.gives_back_at = np.where(accepted, gives_back(world, loads, offers.outcome_at), np.inf)
    loads.next_at = next_at(world, loads, offers, accepted)


def postponed(world: World, loads: Loads, sure_at: Floats) -> Floats:
    """The pickup appointment, moved to the next open hour where the truck cannot be there in time."""
    zone = world.origin_zone(loads.lane)
    earliest = sure_at + NOTICE_MIN
    later = world.clock.next_open(earliest, zone, OPENS_MIN, CLOSES_MIN)
    return np.where(earliest <= loads.ready_at, loads.ready_at, later)


def next_at(world: World, loads: Loads, offers: Offers, accepted: NDArray[np.bool_]) -> Floats:
    """When the next offer is due: after a refusal, after a load is handed back, or never."""
    handling = HANDLING_MIN * world.noise.exponential("handling", loads.key, loads.sequence)
    due = np.where(accepted, loads.gives_back_at, offers.outcome_at) + handling
    finite = np.where(np.isfinite(due), due, 0.0)
    zone = world.origin_zone(loads.lane)
    local = world.clock.local_minute(finite, zone)
    night = np.where(local < OFFERS_FROM_MIN, OFFERS_FROM_MIN - local, 0.0)
    night = np.where(local >= OFFERS_UNTIL_MIN, DAY - local + OFFERS_FROM_MIN, night)
    return np.where(np.isfinite(due), finite + night, np.inf)
