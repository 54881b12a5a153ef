"""Surroundings of an ensemble: each load of a sample many times over, with what is hidden as it is, or as believed.

The rows of an ensemble are told apart by their key: the load's, then the number of the replica.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, Self

import numpy as np

from simulator.flow.conditions import BOOKED_DAYS, Conditions, Unveiled, carrier_loads_a_day, day_ahead, doors_turn
from simulator.flow.loads import Loads
from simulator.network.clock import DAY, HOUR
from simulator.network.market import KEPT as LEVEL_KEPT
from simulator.network.market import REGION_KEPT, REGION_SPREAD
from simulator.network.market import SPREAD as LEVEL_SPREAD
from simulator.network.noise import Floats, Ints, Noise
from simulator.network.weather import COLUMNS
from simulator.network.weather import KEPT as WEATHER_KEPT
from simulator.network.world import World
from simulator.truth.beliefs import Beliefs
from simulator.truth.lattice import Lattice, key_of
from simulator.truth.past import Past

HOURS = DAY // HOUR


def afresh(world: World) -> World:
    """The same world with other chance, even over replicas."""
    return replace(world, noise=Lattice(int(world.noise.bits("replicas")[0] >> np.uint64(1))))


class Ensemble(Conditions, Protocol):
    """Surroundings that know which day it has become, and when the rows' pickups were booked."""

    def later(self, days: int) -> Self:
        """The same so many days after the moments asked about."""
        ...

    def with_bookings(self, covered_at: Floats) -> Self:
        """The same for all rows at once, each with its own booking made at a time."""
        ...

    def about(self, sample: "Sample") -> Self:
        """The same for other loads."""
        ...

    def replicas_world(self) -> World:
        """The world to live through, with chance of its own."""
        ...

    def hard(self, loads: Loads, key: Ints) -> Floats:
        """Hardness of the rows, load by load."""
        ...


@dataclass(frozen=True)
class Sample:
    """The loads an ensemble is made of, sorted by key, each as of its own moment.

    Attributes
    ----------
    loads
        As they ended, for their own bookings in the books.
    as_of
        Minutes.
    """

    past: Past
    loads: Loads
    as_of: Floats

    @cached_property
    def day(self) -> Ints:
        """Day of each moment."""
        return self.past.world.clock.day(self.as_of)

    def of(self, key: Ints) -> Ints:
        """Load of each row."""
        return np.searchsorted(self.loads.key, key_of(key))

    def own(self, load: Ints, ready_at: Floats, before_day: Ints) -> Floats:
        """1 where the books of a day hold the load itself at that hour of pickup."""
        same = self.loads.ready_at[load] // HOUR == ready_at // HOUR
        return (same & (self.loads.covered_at[load] < before_day * DAY)) * 1.0

    def book_day(self, day: Ints) -> Ints:
        """Day within those on record."""
        return np.minimum(day, len(self.past.dock_books) - 1)


@dataclass(frozen=True)
class Around:
    """Surroundings of the rows of a sample, so many days after its moments, with the rows' own bookings."""

    sample: Sample
    days: int = field(default=0, kw_only=True)
    covered_at: Floats | None = field(default=None, kw_only=True)

    @property
    def world(self) -> World:
        """The world that the record is of."""
        return self.sample.past.world

    def later(self, days: int) -> Self:
        """So many days on."""
        return replace(self, days=days)

    def with_bookings(self, covered_at: Floats) -> Self:
        """With the rows' own bookings."""
        return replace(self, covered_at=covered_at)

    def about(self, sample: Sample) -> Self:
        """For other loads."""
        return replace(self, sample=sample)

    def _crowd(self, centre: Ints, day: Ints, others: Floats) -> Floats:
        """Others' bookings, and the rows' own made before a day, over what the doors can turn."""
        own = 0.0 if self.covered_at is None else (self.covered_at < day * DAY) * 1.0
        return (others + own) / doors_turn(self.world)[centre]


@dataclass(frozen=True)
class AsItIs(Unveiled, Around):
    """What is hidden is known: only a load's own chance is left."""

    def replicas_world(self) -> World:
        """The world with other chance."""
        return afresh(self.world)

    def hard(self, loads: Loads, key: Ints) -> Floats:
        """As it is."""
        return loads.hard[self.sample.of(key)]

    def booked(self, carrier: Ints, day: Ints, key: Ints) -> Floats:
        """As it was when the day of the offer began."""
        past, today = self.sample.past, self.sample.book_day(self.sample.day[self.sample.of(key)] + self.days)
        return past.carrier_books[today, carrier, day_ahead(day, today)] / carrier_loads_a_day(self.world)[carrier]

    def crowd(self, centre: Ints, ready_at: Floats, key: Ints) -> Floats:
        """As it was when the day of the pickup began, the load itself counted where it goes now."""
        past, load, day = self.sample.past, self.sample.of(key), self.world.clock.day(ready_at)
        hour = (ready_at // HOUR).astype(np.int64) % HOURS
        others = past.dock_books[self.sample.book_day(day), centre, hour] - self.sample.own(load, ready_at, day)
        return self._crowd(centre, day, others)


@dataclass(frozen=True)
class Intake:
    """How many more bookings came, on average, between a day and a day ahead; read off the whole run.

    Attributes
    ----------
    dock
        (weekday of the pickup, centres, hours of the day, days ahead): that come until the day of the pickup begins.
    carrier
        (weekday of the pickup, carriers, days ahead).
    """

    dock: Floats
    carrier: Floats

    @classmethod
    def of(cls, past: Past) -> Self:
        """Averages over all days of orders."""
        days = min(len(past.dock_books), past.world.clock.days)
        weekday = past.world.clock.weekday[:days]
        dock = np.zeros((7, past.dock_books.shape[1], HOURS, BOOKED_DAYS))
        carrier = np.zeros((7, past.carrier_books.shape[1], BOOKED_DAYS))
        for ahead in range(1, min(BOOKED_DAYS, days)):
            then = past.dock_books[: days - ahead, :, ahead * HOURS : (ahead + 1) * HOURS]
            came = past.dock_books[ahead:days, :, :HOURS].astype(float) - then
            more = past.carrier_books[ahead:days, :, 0].astype(float) - past.carrier_books[: days - ahead, :, ahead]
            for name in range(7):
                some = weekday[ahead:days] == name
                if some.any():
                    dock[name, ..., ahead], carrier[name, :, ahead] = came[some].mean(axis=0), more[some].mean(axis=0)
        return cls(np.maximum(dock, 0.0), np.maximum(carrier, 0.0))


@dataclass(frozen=True)
class AsBelieved(Around):
    """What is hidden is drawn, row by row, from what the record of the moment says about it.

    The drift of the market from one day to the next is drawn once per row, and so is the weather's along the way of
    an air mass: each day has its right distribution, days of one row go together more closely than they do.
    """

    beliefs: Beliefs
    intake: Intake
    noise: Noise

    def replicas_world(self) -> World:
        """The world with other chance, and no knowledge of the market beyond what it is drawn to."""
        made = afresh(self.world)
        return replace(made, market=replace(made.market, level=made.market.target))

    def hard(self, loads: Loads, key: Ints) -> Floats:
        """By lead time, note and the load's own answers so far."""
        belief = self.beliefs.hardness(loads.key, self.sample.as_of)
        return belief.drawn(self.noise.uniform("hardness", key).reshape(len(loads), -1)).ravel()

    def _today(self, key: Ints) -> Ints:
        return self.sample.day[self.sample.of(key)]

    def tightness(self, day: Ints, region: Ints, key: Ints) -> Floats:
        """Published for the day before the moment; two autoregressions go on from there."""
        mean, variance = self.tightness_law(day, region, self._today(key))
        return mean + np.sqrt(variance) * self.noise.normal("believed market", key)

    def tightness_law(self, day: Ints, region: Ints, today: Ints) -> tuple[Floats, Floats]:
        """Mean and variance of the level at a region on a day."""
        market, seen = self.world.market, np.maximum(today - 1, 0)
        ahead = np.maximum(day - seen, 0)
        level, local = LEVEL_KEPT**ahead, REGION_KEPT**ahead
        usual = market.target[day] + level * (market.level[seen] - market.target[seen])
        mean = usual + market.region_mean[region] + local * (market.regional[seen, region] - market.region_mean[region])
        return mean, LEVEL_SPREAD**2 * (1 - level**2) + REGION_SPREAD**2 * (1 - local**2)

    def mood(self, carrier: Ints, day: Ints, key: Ints) -> Floats:
        """By the carrier's answers of the week so far."""
        mean, spread = self.beliefs.mood(carrier, day, self.sample.as_of[self.sample.of(key)])
        return mean + spread * self.noise.normal("believed mood", carrier, day // 7, key)

    def crew(self, centre: Ints, day: Ints, key: Ints) -> Floats:
        """By the loadings of the day so far."""
        mean, spread = self.beliefs.crew(centre, day, self.sample.as_of[self.sample.of(key)])
        return mean + spread * self.noise.normal("believed crew", centre, day, key)

    def storm(self, cell: Ints, day: Ints, key: Ints) -> Floats:
        """By the weather upwind on the day of the moment."""
        weather, today = self.world.weather, self._today(key)
        ahead = np.maximum(day - today, 0)
        inland = cell % COLUMNS >= ahead
        kept = np.where(inland, WEATHER_KEPT**ahead, 0.0)
        seen = weather.field[np.minimum(day, today), np.where(inland, cell - ahead, cell)]
        fresh = self.noise.normal("believed weather", cell - day, key)
        return np.maximum(0.0, kept * seen + np.sqrt(1 - kept**2) * fresh - weather.storm_from[day])

    def booked(self, carrier: Ints, day: Ints, key: Ints) -> Floats:
        """The books of the moment's day, and what else comes on average until the day of the offer."""
        past, today = self.sample.past, self.sample.book_day(self._today(key))
        now, then = day_ahead(day, today), day_ahead(day, today + self.days)
        weekday = self.world.clock.weekday[day]
        more = np.maximum(0.0, self.intake.carrier[weekday, carrier, now] - self.intake.carrier[weekday, carrier, then])
        return (past.carrier_books[today, carrier, now] + more) / carrier_loads_a_day(self.world)[carrier]

    def crowd(self, centre: Ints, ready_at: Floats, key: Ints) -> Floats:
        """The books of the moment's day, drawn bookings that come until the day of the pickup, and the load itself."""
        past, load, day = self.sample.past, self.sample.of(key), self.world.clock.day(ready_at)
        today = self.sample.book_day(np.minimum(day, self.sample.day[load]))
        ahead = np.minimum(day - today, BOOKED_DAYS - 1)
        hour = (ready_at // HOUR).astype(np.int64) % HOURS
        more = self.intake.dock[self.world.clock.weekday[day], centre, hour, ahead]
        others = past.dock_books[today, centre, ahead * HOURS + hour] - self.sample.own(load, ready_at, today)
        others = others + self.noise.poisson("believed bookings", more, key)
        return self._crowd(centre, day, others)
