"""A network that is steered: what is seen, what is decided, what comes of it, day after day, with all interplay.

What one load takes, others miss: carriers fill up, docks get crowded, vehicles run out. Chance is that of history, so
two policies that start from the same day differ by what they decide, and by nothing else.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simulator.flow.conditions import Actual, Conditions, books_of
from simulator.flow.engine import Network
from simulator.flow.loads import Loads
from simulator.flow.orders import expected_orders, orders_of
from simulator.flow.tendering import Offers
from simulator.network.clock import DAY, HOUR
from simulator.network.noise import Ints
from simulator.network.params import SimulationParams
from simulator.network.world import World, make_world
from simulator.whatif.actions import Actions, Kind, act
from simulator.whatif.answer import act_on_the_road, apart
from simulator.whatif.history import joined, with_own_fleet
from simulator.whatif.outcomes import Outcomes, outcomes_of
from simulator.whatif.seen import Decisions, Record, Seen, seen
from simulator.whatif.under_way import UnderWay

MOMENTS_H = (13.0, 17.0, 21.0, 24.0)
"""Hours of the UTC day at which planners look at the network: morning, noon, afternoon, evening."""
VEHICLES_SHARE = 0.03
"""Vehicles that depots can spare in a day, as a share of the centre's loads."""


class Policy(Protocol):
    """Whoever decides."""

    @property
    def name(self) -> str:
        """What it is called in reports."""
        ...

    @property
    def left_alone(self) -> bool:
        """Whether refused loads wait for the last moment; otherwise they go on down the routing guide."""
        ...

    def decide(self, seen: Seen) -> Decisions:
        """What to do now, given what is on record."""
        ...


@dataclass(frozen=True)
class Start:
    """A network on the morning of a day, from which every policy starts.

    Attributes
    ----------
    world
        With the own fleet.
    first, days
        The day, and days with new orders.
    waiting
        Loads that are released and not picked up.
    orders
        All loads that will be released on those days.
    offers
        Offers made so far.
    """

    world: World
    first: int
    days: int
    waiting: Loads
    orders: Loads
    offers: list[Offers]


def start_after_warm_up(params: SimulationParams, days: int) -> Start:
    """Let the network run under its routing guide until the last ``days`` of its history are to come."""
    world = with_own_fleet(make_world(params))
    network, offers, first = Network(world), [], params.days - days
    for day in range(first):
        offers += [one.offers for one in network.next_day(day).rounds]
    orders = joined([orders_of(world, day) for day in range(first, params.days)])
    return Start(world, first, days, network.waiting, orders, offers)


class Loop(UnderWay):
    """One policy at work.

    Parameters
    ----------
    start
        Where it takes over; not changed.
    policy
        Who decides.
    """

    def __init__(self, start: Start, policy: Policy) -> None:
        super().__init__(start.world, Loads.joined([start.waiting, start.orders]), policy.left_alone)
        self.start, self.policy = start, policy
        self.born = np.maximum(self.loads.released_at // DAY, start.first).astype(np.int64)
        self.born[len(start.waiting) :] = start.orders.key >> 34
        self.settled = np.zeros(len(self.loads), dtype=bool)
        self.record = Record(len(self.world.lanes))
        self._note(start.offers)
        self.vehicles: Ints = np.zeros(len(self.world.centres), dtype=np.int64)

    def run(self) -> Outcomes:
        """Live through the days until all is settled.

        Returns
        -------
        Outcomes
            Of the loads released on the days with orders, by key.

        Raises
        ------
        RuntimeError
            If loads are still under way when the world ends.
        """
        for day in range(self.start.first, self.world.clock.laid_out):
            if self.settled.all():
                break
            self._live(day)
        if not self.settled.all():
            raise RuntimeError(f"{self.policy.name}: {(~self.settled).sum()} loads never settled")
        rows = np.arange(len(self.start.waiting), len(self.loads))
        nothing = np.ones(len(rows), dtype=bool)
        return outcomes_of(self.world, self.loads[rows], self.steering[rows], self.first[rows], nothing)

    def _live(self, day: int) -> None:
        rows = np.flatnonzero((self.born <= day) & ~self.gone)
        at = Actual(self.world, books_of(self.world, self.loads[rows], day))
        self.vehicles = vehicles_a_day(self.world, day)
        for hour in MOMENTS_H:
            as_of = day * DAY + hour * HOUR
            self._note(self.offer(at, rows, np.full(len(rows), as_of)))
            self._decide(at, day, as_of)
        self.settled[self.pick_up(at, rows, day)] = True
        self.settled |= self.gone & (self.loads.delivered_at < (day + 1) * DAY)

    def _note(self, made: list[Offers]) -> None:
        for offers in made:
            self.record.note(offers)

    def _decide(self, at: Actual, day: int, as_of: float) -> None:
        under_way = np.flatnonzero((self.born <= day) & ~self.settled)
        view = seen(
            self.world, at.books, self.loads[under_way], under_way, self.steering[under_way], self.record, as_of
        )
        decisions = self.policy.decide(view)
        unknown = ~np.isin(decisions.load, view.loads.load)
        if unknown.any():
            raise KeyError(f"{self.policy.name} decides about load {decisions.load[unknown][0]}, which is not open")
        for turn in apart(decisions.load):
            rows, actions = self._with_vehicles(decisions.load[turn], decisions.actions[turn])
            for gone in (True, False):
                some = np.flatnonzero(self.gone[rows] == gone)
                self._act(at, rows[some], actions[some], as_of, gone)

    def _act(self, at: Conditions, rows: Ints, actions: Actions, as_of: float, gone: bool) -> None:
        now = np.full(len(rows), as_of)
        with self.some(rows) as (loads, steering):
            if gone:
                act_on_the_road(self.world, loads, steering, actions, now)
            else:
                self._note(act(self.world, at, loads, steering, actions, now)[1])

    def _with_vehicles(self, rows: Ints, actions: Actions) -> tuple[Ints, Actions]:
        """Leave out shifts of vehicles for which there is none left at the centre."""
        keep = np.ones(len(rows), dtype=bool)
        centre = self.world.lanes.centre[self.loads.lane[rows]]
        for row in np.flatnonzero(actions.kind == Kind.SHIFT_CAPACITY):
            keep[row] = self.vehicles[centre[row]] > 0
            self.vehicles[centre[row]] -= keep[row]
        kept = np.flatnonzero(keep)
        return rows[kept], actions[kept]


def vehicles_a_day(world: World, day: int) -> Ints:
    """Own vehicles that each centre can be lent on a day, at least 1."""
    loads = np.bincount(world.lanes.centre, expected_orders(world, day), len(world.centres))
    return np.maximum(1, np.round(VEHICLES_SHARE * loads)).astype(np.int64)
