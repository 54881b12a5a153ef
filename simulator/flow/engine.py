"""The network day by day: orders come in, offers go out, trucks are loaded, driven and unloaded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.flow.conditions import Actual, Books, Conditions, books_of
from simulator.flow.docks import arrive, load_trucks, unload
from simulator.flow.loads import Loads
from simulator.flow.orders import orders_of
from simulator.flow.promises import MOVED_MIN, moved
from simulator.flow.transit import drive, fits_in, on_duty_min, on_the_clock
from simulator.flow.waterfall import Round, rounds
from simulator.network.clock import DAY
from simulator.network.noise import Floats
from simulator.network.world import World

AGREES_AGAIN = 0.97
"""Share of loads whose customer agrees to a later appointment when told half way that they will be late."""
ASKS_FROM_MIN = 100.0
"""A later appointment is asked for when the arrival reckoned comes as close as this to the window's end."""
GRANTED_MIN = 300.0
"""Width of the appointment then agreed, beyond the arrival told."""


@dataclass(frozen=True)
class Day:
    """What a day brought.

    Attributes
    ----------
    books
        What was booked when it began.
    released
        Loads released on the day, as they were at release.
    rounds
        Offers made on the day.
    finished
        Loads whose way is settled: those picked up on the day, with all their milestones.
    cancelled
        Loads that the shipper cancelled before pickup.
    """

    day: int
    books: Books
    released: Loads
    rounds: list[Round]
    finished: Loads
    cancelled: Loads


class Network:
    """A world in motion.

    Offers and pickups of a day see the books as they stood when it began: nothing depends on what comes later.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.waiting = orders_of(world, 0)[:0]

    def conditions(self, day: int) -> Actual:
        """The surroundings as a day begins."""
        return Actual(self.world, books_of(self.world, self.waiting, day))

    def next_day(self, day: int, orders: bool = True) -> Day:
        """Live through a day; without ``orders`` only what is on its way goes on."""
        at = self.conditions(day)
        arriving = orders_of(self.world, day) if orders else self.waiting[:0]
        loads = Loads.joined([self.waiting, arriving])
        made = rounds(self.world, at, loads, day)
        gone, cancelled = picked_up(loads, day), cancelled_by(loads, day)
        finished = loads[gone & ~cancelled]
        travel(self.world, at, finished)
        self.waiting = loads[~gone & ~cancelled]
        return Day(day, at.books, arriving, made, finished, loads[cancelled])


def picked_up(loads: Loads, day: int) -> NDArray[np.bool_]:
    """Loads whose truck is due on a day."""
    return np.isfinite(loads.covered_at) & np.isinf(loads.gives_back_at) & (loads.ready_at < (day + 1) * DAY)


def cancelled_by(loads: Loads, day: int) -> NDArray[np.bool_]:
    """Loads that the shipper has cancelled by the end of a day, before their pickup."""
    return loads.cancels_at < np.minimum((day + 1) * DAY, loads.ready_at)


def travel(world: World, at: Conditions, loads: Loads) -> None:
    """Arrive, be loaded, go on to the customer."""
    arrive(world, loads)
    load_trucks(world, at, loads)
    go_on(world, at, loads)


def go_on(world: World, at: Conditions, loads: Loads) -> None:
    """Drive, agree on a later appointment where needed, be unloaded."""
    drive(world, at, loads)
    agree_again(world, loads)
    unload(world, loads)


def agree_again(world: World, loads: Loads) -> None:
    """Customers told half way of a late arrival mostly grant a later appointment: sets agreed_until."""
    told = arrival_told(world, loads)
    asked = (told > loads.window_until - ASKS_FROM_MIN) & (world.noise.uniform("agrees", loads.key) < AGREES_AGAIN)
    granted = np.where(asked, told + GRANTED_MIN, loads.window_until)
    later = np.maximum(granted, loads.window_until + MOVED_MIN)
    loads.agreed_until = np.where(moved(loads), later, granted)


def arrival_told(world: World, loads: Loads) -> Floats:
    """Arrival as a driver tells it half way: twice the driving, with the rests that hours of service then ask for."""
    lanes, duty = world.lanes, on_duty_min(loads)
    driven = fits_in(lanes, loads.lane, loads.halfway_at - loads.departed_at, duty)
    return loads.departed_at + on_the_clock(lanes, loads.lane, 2 * driven, duty)


def expected_arrival(loads: Loads) -> Floats:
    """Arrival as reckoned half way: as long again as it took so far."""
    return loads.halfway_at + (loads.halfway_at - loads.departed_at)
