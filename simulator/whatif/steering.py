"""What planners decided about loads beyond the routing guide, as columns beside the loads."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from simulator.flow.loads import NOBODY, Loads
from simulator.flow.tendering import ACCEPTED, Offers
from simulator.flow.waterfall import URGENT_BELOW_MIN, first_valid, spot_carrier, spot_price
from simulator.network.columns import Columns
from simulator.network.guide import DEPTH, contract_price
from simulator.network.noise import Floats, Ints
from simulator.network.world import World

SPOT = -2
"""In place of a carrier: whoever bids on the spot market."""
CALL_MIN = 30.0
"""Time to answer a person who calls."""


@dataclass
class Steering(Columns):
    """Decisions about loads that act on their later offers, and what was spent on them so far.

    Attributes
    ----------
    carrier, price
        To whom the next offer goes instead of the guide's next entry (:data:`NOBODY`: nobody else), and for what
        (NaN: what it asks).
    markup
        Ratio of the price of every further offer under contract to what the carrier asks, at least 1.
    skipped
        Bit r is set for entries of the guide that are not offered any more.
    urged
        A person calls: no waiting for office hours, and short answers.
    left_alone
        After a refusal nothing goes out until the last moment.
    answered_at
        When the last answer came in, or comes in.
    shown_ready_at
        Pickup before the last offer went out: what is known while its answer is not.
    kept_rank
        Next entry of the guide while an offer goes to somebody else.
    tenders, lost
        Offers made, and carriers lost after they had accepted.
    spot_tenders
        Those of the offers that went to the spot market.
    minutes, spent
        Planner minutes and money that the actions took, what the loads themselves say left out.
    """

    carrier: Ints
    price: Floats
    markup: Floats
    skipped: Ints
    urged: NDArray[np.bool_]
    left_alone: NDArray[np.bool_]
    answered_at: Floats
    shown_ready_at: Floats
    kept_rank: Ints
    tenders: Ints
    spot_tenders: Ints
    lost: Ints
    minutes: Floats
    spent: Floats

    @classmethod
    def none(cls, count: int, left_alone: bool = False) -> Self:
        """No decisions yet."""
        zeros, nobody = np.zeros(count, dtype=np.int64), np.full(count, NOBODY)
        return cls(
            carrier=nobody, price=np.full(count, np.nan), markup=np.ones(count), skipped=zeros,
            urged=np.zeros(count, dtype=bool), left_alone=np.full(count, left_alone),
            answered_at=np.full(count, -np.inf), shown_ready_at=np.full(count, np.nan), kept_rank=nobody.copy(),
            tenders=zeros.copy(), spot_tenders=zeros.copy(), lost=zeros.copy(), minutes=np.zeros(count),
            spent=np.zeros(count),
        )  # fmt: skip

    def ahead(self, world: World, loads: Loads) -> None:
        """Count carriers lost, and pass over entries of the guide that are not wanted."""
        self.lost = self.lost + np.isfinite(loads.gives_back_at)
        for _ in range(DEPTH):
            loads.rank = first_valid(world, loads)
            loads.rank = loads.rank + ((loads.rank < DEPTH) & ((self.skipped >> loads.rank) & 1 == 1))

    def redirect(self, world: World, loads: Loads, offers: Offers) -> None:
        """Send offers to whom the planner chose, at the price the planner chose, but never below what is asked."""
        self.kept_rank, self.shown_ready_at = offers.rank, loads.ready_at
        chosen = may_be_asked(world, loads, self.carrier, loads.next_at)
        direct(world, loads, offers, np.where(chosen, self.carrier, NOBODY))
        wanted = np.where(chosen, np.fmax(self.price, offers.price), offers.price)
        offers.price = np.round(wanted * np.where(offers.contract, self.markup, 1.0), 2)
        window = offers.respond_by - offers.offered_at
        offers.respond_by = offers.offered_at + np.where(self.urged, np.minimum(window, CALL_MIN), window)
        self.carrier = np.where(chosen, self.carrier, NOBODY)

    def follow(self, world: World, loads: Loads, offers: Offers) -> None:
        """Take the guide up where it stood, and set when the next offer is due."""
        directed, entry = self.carrier != NOBODY, offers.contract & (self.carrier != NOBODY)
        loads.rank = np.where(directed, self.kept_rank, loads.rank)
        self.skipped = self.skipped | np.where(entry, 1 << np.minimum(offers.rank, DEPTH - 1), 0)
        self.carrier = np.full(len(loads), NOBODY)
        self.price = np.full(len(loads), np.nan)
        self.answered_at = offers.outcome_at
        self.tenders = self.tenders + 1
        self.spot_tenders = self.spot_tenders + ~offers.contract
        free = np.isfinite(loads.next_at)
        at_once = np.where(offers.outcome == ACCEPTED, loads.gives_back_at, offers.outcome_at) + 1.0
        loads.next_at = np.where(self.urged & free, at_once, loads.next_at)
        last = np.maximum(loads.next_at, loads.ready_at - URGENT_BELOW_MIN + 1.0)
        loads.next_at = np.where(self.left_alone & free, last, loads.next_at)


def may_be_asked(world: World, loads: Loads, carrier: Ints, when: Floats) -> NDArray[np.bool_]:
    """Whether a carrier is in business, has the trailer, and has a price: in the guide, or on the spot market."""
    started = world.carriers.since_day[carrier] <= world.clock.day(when)
    fits = world.carriers.drives[carrier, world.lanes.equipment[loads.lane]]
    listed = rank_of(world, loads, carrier) >= 0
    return (carrier == SPOT) | ((carrier >= 0) & listed & started & fits)


def rank_of(world: World, loads: Loads, carrier: Ints) -> Ints:
    """Where a carrier stands in the guide of the load's lane; -1 where it does not."""
    found = world.guide.carrier[loads.lane] == carrier[:, None]
    return np.where(found.any(axis=1) & (carrier >= 0), found.argmax(axis=1), -1)


def direct(world: World, loads: Loads, offers: Offers, carrier: Ints) -> None:
    """Change to whom offers go, where a carrier is named, and what is asked for it."""
    named, rank = carrier != NOBODY, rank_of(world, loads, carrier)
    contract = (rank >= 0) & ~loads.spot_only
    agreed = contract_price(world.guide, world.market, loads.lane, np.maximum(rank, 0), world.clock.day(loads.next_at))
    bidder = np.where(carrier >= 0, carrier, spot_carrier(world, loads))
    asked = np.where(contract, agreed, spot_price(world, loads, loads.next_at))
    offers.carrier = np.where(named, bidder, offers.carrier)
    offers.price = np.where(named, asked, offers.price)
    offers.contract = np.where(named, contract, offers.contract)
    offers.rank = np.where(named & contract, rank, offers.rank)
    loads.rank = offers.rank
