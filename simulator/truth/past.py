"""What a run leaves behind for the question how probable things were: everybody's answers, books, a sample of loads."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.flow.conditions import Books
from simulator.flow.docks import loading_known
from simulator.flow.engine import Day
from simulator.flow.loads import Loads
from simulator.flow.tendering import ACCEPTED, Offers
from simulator.flow.trouble import Troubles, of_loads, of_offers
from simulator.network.clock import DAY, HOUR
from simulator.network.columns import Columns
from simulator.network.noise import Floats, Ints
from simulator.network.world import World
from simulator.record.reporting import answer_known_at, known_at

SETTLED_AFTER_DAYS = 14
"""Days after its release by which every load has been picked up; later ones may still be under way."""
SPARE = 1.25
"""How many more loads than needed are kept, since the number that comes about is not known beforehand."""


@dataclass(frozen=True)
class Released(Columns):
    """Loads as released, sorted by key, as far as everybody's record shows how awkward they may be."""

    key: Ints
    lane: Ints
    hint: Ints
    released_at: Floats
    pickup_at: Floats

    def rows(self, key: Ints) -> Ints:
        """Where loads stand."""
        return np.searchsorted(self.key, key)


@dataclass(frozen=True)
class Loadings(Columns):
    """Loadings on record: ``surprise`` is the logarithm of hours less its mean without the crew of the day."""

    centre: Ints
    day: Ints
    surprise: Floats
    known_at: Floats


@dataclass(frozen=True)
class Past:
    """A run as it is remembered.

    Attributes
    ----------
    released
        All loads.
    offers, told_at
        All offers by load and sequence, and when their answers were on record.
    finished
        A sample of the loads that were delivered, chosen by hash, sorted by key; at most ``sample`` of them.
    troubles
        Exceptions of a sample of loads.
    carrier_books, dock_books
        What was booked when each day began: (days, carriers, days ahead), (days, centres, hours ahead).
    """

    world: World
    sample: int
    released: Released
    offers: Offers
    told_at: Floats
    finished: Loads
    troubles: Troubles
    loadings: Loadings
    carrier_books: NDArray[np.int16]
    dock_books: NDArray[np.int16]

    @cached_property
    def answered_at(self) -> Floats:
        """When each answer was known: told, or given away by the next offer of the load."""
        return np.minimum(self.told_at, self._next_offered_at)

    @cached_property
    def handed_back_at(self) -> Floats:
        """When it was known that a load was handed back by who had taken an offer; infinite for most."""
        return np.where(self.offers.outcome == ACCEPTED, self._next_offered_at, np.inf)

    @cached_property
    def _next_offered_at(self) -> Floats:
        follows = self.offers.key[1:] == self.offers.key[:-1]
        return np.append(np.where(follows, self.offers.offered_at[1:], np.inf), np.inf)

    def offers_in_turn(self, key: Ints) -> Iterator[tuple[Ints, NDArray[np.bool_]]]:
        """Row of each load's first offer, then of its second, and so on; and whether there is one: else it is none."""
        first = np.searchsorted(self.offers.key, key)
        for nth in range(int(np.max(self.offers.sequence, initial=0))):
            row = np.minimum(first + nth, len(self.offers) - 1)
            yield row, self.offers.key[row] == key


class Witness:
    """Watches a network day by day and keeps what the truth about probabilities needs.

    Parameters
    ----------
    sample
        Subjects of each model to keep, about.
    """

    def __init__(self, world: World, sample: int) -> None:
        self._world, self._sample = world, sample
        self._share = min(1.0, SPARE * sample / world.params.shipments)
        self._released: list[Released] = []
        self._offers: list[Offers] = []
        self._finished: list[Loads] = []
        self._troubles: list[Troubles] = []
        self._loadings: list[Loadings] = []
        self._books: list[Books] = []

    def add(self, day: Day) -> None:
        """See a day."""
        loads, books = day.released, day.books
        self._released.append(Released(loads.key, loads.lane, loads.hint, loads.released_at, loads.pickup_at))
        offers = [made.offers for made in day.rounds if len(made.offers)]
        kept = day.finished[self._chance(day.finished.key) < self._share]
        self._finished.append(kept)
        self._offers += offers
        self._troubles += of_loads(self._world, kept)
        for some in offers:
            self._troubles.append(of_offers(self._world, some[self._chance(some.key) < self._share]))
        self._loadings.append(loadings(self._world, day.finished))
        self._books.append(Books(books.day, books.carrier.astype(np.int16), books.dock.astype(np.int16)))

    def past(self) -> Past:
        """All that was seen."""
        offers = Offers.joined(self._offers)
        offers = offers[np.lexsort((offers.sequence, offers.key))]
        finished = self._settled(Loads.joined(self._finished))
        return Past(
            self._world, self._sample, Released.joined(self._released), offers,
            answer_known_at(self._world, offers.key, offers.sequence, offers.carrier, offers.outcome_at),
            finished[np.argsort(finished.key)], Troubles.joined(self._troubles), Loadings.joined(self._loadings),
            np.stack([books.carrier for books in self._books]).astype(np.int16),
            np.stack([books.dock for books in self._books]).astype(np.int16),
        )  # fmt: skip

    def _chance(self, key: Ints) -> Floats:
        return self._world.noise.uniform("truth sample", key)

    def _settled(self, finished: Loads) -> Loads:
        """The sample among loads released long enough ago: of later ones only the quick would be here."""
        until = (len(self._books) - SETTLED_AFTER_DAYS) * DAY
        settled = finished[finished.released_at < until]
        return settled[np.argsort(self._chance(settled.key), kind="stable")[: self._sample]]


def loadings(world: World, loads: Loads) -> Loadings:
    """Loadings of loads that went their way, reported with their departure; those never reported are left out."""
    hours = (loads.departed_at - loads.loads_from) / HOUR
    told = known_at(world, "AF", loads.key, loads.carrier, loads.departed_at)
    every = Loadings(
        world.lanes.centre[loads.lane], world.clock.day(loads.arrived_at),
        np.log(hours) - loading_known(world, loads), told,
    )  # fmt: skip
    return every[np.isfinite(told)]
