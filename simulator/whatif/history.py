"""A network's history as surroundings: what others had booked on every day, for questions about one load."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Self

import numpy as np

from simulator.flow.conditions import (
    Actual,
    Books,
    books_of,
    carrier_loads_a_day,
    day_ahead,
    doors_turn,
    hour_ahead,
)
from simulator.flow.engine import Day, Network
from simulator.flow.loads import NOBODY, Loads
from simulator.network.carriers import Carriers
from simulator.network.clock import DAY, MARGIN_DAYS
from simulator.network.columns import Columns
from simulator.network.noise import Floats, Ints
from simulator.network.params import SimulationParams
from simulator.network.world import World, make_world

NEVER_DAY = 10**6
DRAIN_DAYS = 40
"""Days without new orders in which everything that is under way is settled."""
FLEET = {"since_day": NEVER_DAY, "change_day": NEVER_DAY, "pace_spread": 0.06}
"""What the own fleet has beyond zeros: nobody can tender to it, and it drives neither slow nor fast."""


def with_own_fleet(world: World) -> World:
    """The world with one carrier more, the last: the shipper's own vehicles, which nobody tenders to."""
    known = {one.name: getattr(world.carriers, one.name) for one in fields(Carriers)}
    own = {name: np.full((1, *old.shape[1:]), FLEET.get(name, 0), old.dtype) for name, old in known.items()}
    return replace(world, carriers=Carriers.joined([world.carriers, Carriers(**own)]))


def own_fleet(world: World) -> int:
    """Index of the own vehicles in a world of :func:`with_own_fleet`."""
    return len(world.carriers) - 1


@dataclass(frozen=True)
class Bookings(Columns):
    """Who had which pickup booked with whom when a day began, sorted by the load's key."""

    key: Ints
    carrier: Ints
    ready_at: Floats

    @classmethod
    def of(cls, loads: Loads) -> Self:
        """Bookings of those loads that are covered."""
        covered = np.flatnonzero(loads.carrier >= 0)
        rows = covered[np.argsort(loads.key[covered], kind="stable")]
        return cls(loads.key[rows], loads.carrier[rows], loads.ready_at[rows])

    def found(self, key: Ints) -> tuple[Ints, Floats]:
        """Carrier and pickup of each load; :data:`NOBODY` and NaN where nothing is booked."""
        if not len(self):
            return np.full(len(key), NOBODY), np.full(len(key), np.nan)
        row = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        there = self.key[row] == key
        return np.where(there, self.carrier[row], NOBODY), np.where(there, self.ready_at[row], np.nan)


@dataclass(frozen=True)
class Others(Actual):
    """The surroundings of a day in which one load at a time goes its own way, and all others as they went.

    Each load meets the books of history less its own booking in history, plus its own booking now.

    Attributes
    ----------
    then, now
        Bookings when the day began: in history, and of the loads that go their own way.
    """

    then: Bookings
    now: Bookings

    def booked(self, carrier: Ints, day: Ints, key: Ints) -> Floats:
        """Loads on a carrier's hands for a day, over those it plans for."""
        own = self._own_day(self.now, carrier, day, key) - self._own_day(self.then, carrier, day, key)
        return super().booked(carrier, day, key) + own / carrier_loads_a_day(self.world)[carrier]

    def crowd(self, centre: Ints, ready_at: Floats, key: Ints) -> Floats:
        """Pickups booked for that hour over what the doors can turn."""
        own = self._own_hour(self.now, ready_at, key) - self._own_hour(self.then, ready_at, key)
        return super().crowd(centre, ready_at, key) + own / doors_turn(self.world)[centre]

    def _own_day(self, bookings: Bookings, carrier: Ints, day: Ints, key: Ints) -> Floats:
        who, ready = bookings.found(key)
        same = day_ahead(ready // DAY, self.books.day) == day_ahead(day, self.books.day)
        return ((who == carrier) & (who != NOBODY) & same) * 1.0

    def _own_hour(self, bookings: Bookings, ready_at: Floats, key: Ints) -> Floats:
        _, ready = bookings.found(key)
        return (hour_ahead(ready, self.books.day) == hour_ahead(ready_at, self.books.day)) * 1.0


@dataclass
class History:
    """What happened under the static routing guide.

    Attributes
    ----------
    world
        With the own fleet.
    books, bookings
        As each day began.
    released, finished, cancelled
        Loads as they were released, as they ended, and as the shipper cancelled them.
    """

    world: World
    books: list[Books] = field(default_factory=list)
    bookings: list[Bookings] = field(default_factory=list)
    released: list[Loads] = field(default_factory=list)
    finished: list[Loads] = field(default_factory=list)
    cancelled: list[Loads] = field(default_factory=list)

    def others(self, day: int, now: Bookings) -> Others:
        """Surroundings of loads that go their own way; after the last day recorded nobody else is there."""
        if day >= len(self.books):
            empty = self.released[0][:0]
            return Others(self.world, books_of(self.world, empty, day), Bookings.of(empty), now)
        return Others(self.world, self.books[day], self.bookings[day], now)

    def add(self, happened: Day, books: Books, bookings: Bookings) -> None:
        """Record a day."""
        self.books.append(books)
        self.bookings.append(bookings)
        self.released.append(happened.released)
        self.finished.append(happened.finished)
        self.cancelled.append(happened.cancelled)


def lived_through(params: SimulationParams, days: int | None = None) -> History:
    """Let a network run under its routing guide, and on until all is settled.

    Parameters
    ----------
    days
        Days with new orders; all of the parameters' days by default.
    """
    world = with_own_fleet(make_world(params))
    network, history = Network(world), History(world)
    last = params.days if days is None else days
    for day in range(min(last + DRAIN_DAYS, params.days + MARGIN_DAYS)):
        books, bookings = network.conditions(day).books, Bookings.of(network.waiting)
        happened = network.next_day(day, orders=day < last)
        history.add(happened, books, bookings)
    return history


def joined(parts: Sequence[Loads]) -> Loads:
    """Many loads as one, sorted by key."""
    whole = Loads.joined(parts)
    return whole[np.argsort(whole.key, kind="stable")]
