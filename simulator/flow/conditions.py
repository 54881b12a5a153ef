"""What a load meets that is not its own: the market, moods, crews, weather, and how busy others have made things."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simulator.flow.loads import Loads
from simulator.network.clock import DAY, HOUR
from simulator.network.noise import Floats, Ints
from simulator.network.sites import DOOR_LOADS_AN_HOUR
from simulator.network.world import World

MOOD_SPREAD = 0.25
"""Spread of a carrier's willingness from week to week."""
BOOKED_DAYS = 16
BOOKED_HOURS = BOOKED_DAYS * 24
"""How far ahead the books reach; what is later counts as the last entry."""
ROOM = 1.8
"""Loads a carrier plans for over its share of the network's."""
CREW_SPREAD = 0.16
"""Spread of the logarithm of loading time from one centre's day to another's."""


class Conditions(Protocol):
    """The surroundings of loads. ``key`` tells apart the rows of an ensemble; true surroundings ignore it."""

    def tightness(self, day: Ints, region: Ints, key: Ints) -> Floats:
        """Level of the market at a region."""
        ...

    def mood(self, carrier: Ints, day: Ints, key: Ints) -> Floats:
        """A carrier's willingness in this week."""
        ...

    def crew(self, centre: Ints, day: Ints, key: Ints) -> Floats:
        """What the crew of the day does to the logarithm of loading time."""
        ...

    def storm(self, cell: Ints, day: Ints, key: Ints) -> Floats:
        """Strength of the storm."""
        ...

    def booked(self, carrier: Ints, day: Ints, key: Ints) -> Floats:
        """Loads that a carrier has on its hands to pick up on a day, over those it plans for."""
        ...

    def crowd(self, centre: Ints, ready_at: Floats, key: Ints) -> Floats:
        """Pickups of that hour over what the doors can turn."""
        ...


@dataclass(frozen=True)
class Books:
    """What was booked when a day began.

    Attributes
    ----------
    day
        The day.
    carrier
        Pickups booked with each carrier, (carriers, :data:`BOOKED_DAYS` from the day on).
    dock
        Pickups booked at each centre, (centres, hours of those days).
    """

    day: int
    carrier: Ints
    dock: Ints


def books_of(world: World, loads: Loads, day: int) -> Books:
    """The books of loads that are covered and not yet picked up."""
    covered = loads[loads.carrier >= 0]
    days = day_ahead(covered.ready_at // DAY, day).astype(np.int64)
    hours = hour_ahead(covered.ready_at, day).astype(np.int64)
    centre = world.lanes.centre[covered.lane]
    carriers, centres = len(world.carriers), len(world.centres)
    return Books(
        day,
        np.bincount(covered.carrier * BOOKED_DAYS + days, minlength=carriers * BOOKED_DAYS).reshape(carriers, -1),
        np.bincount(centre * BOOKED_HOURS + hours, minlength=centres * BOOKED_HOURS).reshape(centres, -1),
    )


def day_ahead(day: Ints | Floats, first: int | Ints) -> Floats:
    """Entry of books that begin with the day ``first`` for a day; NaN stays NaN."""
    return np.clip(day - first, 0, BOOKED_DAYS - 1)


def hour_ahead(ready_at: Floats, first: int) -> Floats:
    """Entry of books that begin with the day ``first`` for the hour of a pickup; NaN stays NaN."""
    return np.clip(ready_at // HOUR - first * DAY // HOUR, 0, BOOKED_HOURS - 1)


class InWorld(Protocol):
    """Whoever has a world."""

    @property
    def world(self) -> World:
        """The world."""
        ...


class Unveiled:
    """What surroundings are in their world, the books left out."""

    def tightness(self: InWorld, day: Ints, region: Ints, key: Ints) -> Floats:
        """Level of the market at a region."""
        return self.world.market.tightness(day, region)

    def mood(self: InWorld, carrier: Ints, day: Ints, key: Ints) -> Floats:
        """A carrier's willingness in this week."""
        return MOOD_SPREAD * self.world.noise.normal("mood", carrier, day // 7)

    def crew(self: InWorld, centre: Ints, day: Ints, key: Ints) -> Floats:
        """What the crew of the day does to the logarithm of loading time."""
        return CREW_SPREAD * self.world.noise.normal("crew", centre, day)

    def storm(self: InWorld, cell: Ints, day: Ints, key: Ints) -> Floats:
        """Strength of the storm."""
        return self.world.weather.storm(day, cell)


@dataclass(frozen=True)
class Actual(Unveiled):
    """The surroundings as they are in one world, with the books as they stood when the day began."""

    world: World
    books: Books

    def booked(self, carrier: Ints, day: Ints, key: Ints) -> Floats:
        """Loads on a carrier's hands for a day, over those it plans for."""
        return self.books.carrier[carrier, day_ahead(day, self.books.day)] / carrier_loads_a_day(self.world)[carrier]

    def crowd(self, centre: Ints, ready_at: Floats, key: Ints) -> Floats:
        """Pickups booked for that hour over what the doors can turn."""
        hour = hour_ahead(ready_at, self.books.day).astype(np.int64)
        return self.books.dock[centre, hour] / doors_turn(self.world)[centre]


def carrier_loads_a_day(world: World) -> Floats:
    """Loads a day that each carrier plans for, at least 1."""
    return np.maximum(1.0, world.carriers.size * world.params.a_year / 365.0 * ROOM)


def doors_turn(world: World) -> Floats:
    """Loads an hour that each centre's doors can turn when all goes well."""
    return world.centres.doors * DOOR_LOADS_AN_HOUR
