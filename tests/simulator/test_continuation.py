"""The rest of a load's way, against re-simulation by brute force without any of the shortcuts."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from simulator.flow.conditions import Actual, Books, doors_turn
from simulator.flow.docks import arrive, load_trucks, unload
from simulator.flow.engine import go_on, travel
from simulator.flow.loads import Loads
from simulator.flow.orders import orders_of
from simulator.flow.promises import LATE_AFTER_MIN, delay_min
from simulator.flow.waterfall import rounds
from simulator.network.clock import DAY, HOUR
from simulator.network.noise import Floats, Ints, Noise
from simulator.network.world import World
from simulator.truth.eta import chances
from simulator.truth.hearing import BySight
from simulator.truth.surroundings import AsItIs
from tests.simulator.witnessed import believed, past

TIMES = 20_000


@dataclass(frozen=True)
class Alone(Actual):
    """A day's true surroundings for copies of one load: its own booking out of the books, the copies' own in."""

    one: Loads
    copies: Loads

    def crowd(self, centre: Ints, ready_at: Floats, key: Ints) -> Floats:
        """Pickups of that hour over what the doors can turn."""
        begins = self.books.day * DAY
        there = (self.one.covered_at[0] < begins) & (self.one.ready_at[0] // HOUR == ready_at // HOUR)
        own = (self.copies.covered_at < begins) * 1.0 - there
        return super().crowd(centre, ready_at, key) + own / doors_turn(self.world)[centre]


def around(day: int, one: Loads, copies: Loads) -> Alone:
    books = Books(day, past().carrier_books[day].astype(np.int64), past().dock_books[day].astype(np.int64))
    return Alone(past().world, books, one, copies)


def other_chance() -> World:
    return replace(past().world, noise=Noise(987_654_321))


def copied(one: Loads) -> Loads:
    copies = one[np.zeros(TIMES, dtype=np.int64)]
    copies.key = np.arange(TIMES) * 7 + 13
    return copies


def share_late(copies: Loads) -> float:
    return float((delay_min(copies) > LATE_AFTER_MIN).mean())


def from_release(one: Loads) -> float:
    """Share of late deliveries when a load's whole way is lived again and again."""
    world, day = other_chance(), int(one.released_at[0] // DAY)
    released = orders_of(past().world, int(one.key[0] >> 34))
    copies = copied(released[released.key == one.key[0]])
    copies.cancels_at = np.full(TIMES, np.inf)
    ended = []
    while len(copies):
        rounds(world, around(day, one, copies), copies, day)
        gone = np.isfinite(copies.covered_at) & np.isinf(copies.gives_back_at) & (copies.ready_at < (day + 1) * DAY)
        going = copies[gone]
        travel(world, around(day, one, going), going)
        ended.append(delay_min(going) > LATE_AFTER_MIN)
        copies, day = copies[~gone], day + 1
    return float(np.concatenate(ended).mean())


def from_the_dock(one: Loads) -> float:
    """The same for the way from arrival at the centre on."""
    copies, world = copied(one), other_chance()
    load_trucks(world, around(int(one.ready_at[0] // DAY), one, one), copies)
    go_on(world, around(int(one.ready_at[0] // DAY), one, copies), copies)
    return share_late(copies)


def from_the_road(one: Loads) -> float:
    """The same for the way from departure on."""
    copies, world = copied(one), other_chance()
    go_on(world, around(int(one.departed_at[0] // DAY), one, copies), copies)
    return share_late(copies)


def from_the_gate(one: Loads) -> float:
    """The same for unloading alone."""
    copies = copied(one)
    unload(other_chance(), copies)
    return share_late(copies)


WAYS = {
    "released_at": from_release,
    "arrived_at": from_the_dock,
    "departed_at": from_the_road,
    "reached_at": from_the_gate,
}


@pytest.mark.parametrize("moment", WAYS)
def test_brute_force_finds_the_same_probability(moment: str) -> None:
    """For loads whose fate was open, 20,000 lives without lattice, weights or integration agree within the error."""
    loads = past().finished
    as_of = getattr(loads, moment)
    near = np.flatnonzero(np.abs(delay_min(loads) - LATE_AFTER_MIN) < 90)[:4]
    told = chances(past(), loads[near], as_of[near], BySight(), AsItIs(believed().sample), draws=2_048)
    lived = np.array([WAYS[moment](loads[np.array([row])]) for row in near])
    error = np.hypot(told.se, np.sqrt(lived * (1 - lived) / TIMES))
    assert np.all(np.abs(told.p - lived) < 4 * error + 1e-3), (told.p, lived, error)
    assert ((lived > 0.03) & (lived < 0.97)).any()


def test_a_load_that_stands_at_the_dock_for_long_is_foretold_with_that_known() -> None:
    """Half an hour before its departure it is known not to have left: brute force that drops who had agrees."""
    loads = past().finished
    slow = np.flatnonzero((loads.departed_at - loads.ready_at > 200) & (np.abs(delay_min(loads)) < 90))[:2]
    as_of = loads.departed_at[slow] - 30.0
    told = chances(past(), loads[slow], as_of, BySight(), AsItIs(believed().sample), draws=8_192)
    for nth, row in enumerate(slow):
        one, world = loads[np.array([row])], other_chance()
        copies = copied(one)
        load_trucks(world, around(int(one.ready_at[0] // DAY), one, one), copies)
        copies = copies[copies.departed_at > as_of[nth]]
        go_on(world, around(int(one.ready_at[0] // DAY), one, copies), copies)
        error = np.hypot(told.se[nth], np.sqrt(0.25 / len(copies)))
        assert abs(told.p[nth] - share_late(copies)) < 4 * error


def test_arrival_is_drawn_for_who_is_not_known_to_have_come() -> None:
    """An hour before the appointment of a load that keeps its carrier, arrival is still open."""
    loads = past().finished
    row = np.flatnonzero(loads.arrived_at > loads.ready_at)[:1]
    copies = copied(loads[row])
    arrive(other_chance(), copies)
    assert copies.arrived_at.std() > 10.0
