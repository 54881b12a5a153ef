"""What would have happened: outcomes of actions on loads, all others as they went, under the same chance.

Chance is a function of who and what, never of when it is asked, and each load meets what the others had booked in
history. So two actions on the same load differ by the action only, and the action "do nothing" is history itself.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.flow.conditions import Actual, books_of
from simulator.flow.engine import go_on
from simulator.flow.loads import Loads
from simulator.network.clock import DAY, HOUR
from simulator.network.noise import Floats, Ints
from simulator.network.world import World
from simulator.whatif.actions import Action, Actions, Kind, act
from simulator.whatif.history import Bookings, History, joined
from simulator.whatif.outcomes import Outcome, Outcomes, outcomes_of
from simulator.whatif.steering import Steering
from simulator.whatif.under_way import UnderWay


def answer(history: History, shipment: int, action: Action, as_of: float | None = None) -> Outcome:
    """Outcome of an action on one load.

    Parameters
    ----------
    shipment
        Key of the load.
    as_of
        Minutes since the start; its release (or, if it is released earlier, that) by default.

    Raises
    ------
    KeyError
        If the history has no such load.
    """
    moments = None if as_of is None else np.array([as_of])
    return answers(history, np.array([shipment]), Actions.of([action]), moments).one(0)


def answers(history: History, shipments: Ints, actions: Actions, as_of: Floats | None = None) -> Outcomes:
    """Outcomes of many pairs of load and action; the same load may come as often as one likes.

    Parameters
    ----------
    shipments
        (n,) keys of loads, at least 1.
    actions
        n actions.
    as_of
        (n,) minutes since the start; releases by default.
    """
    loads = released(history, shipments)
    early = np.maximum(0.0, loads.released_at - HOUR * np.nan_to_num(actions.amount))
    usual = loads.released_at if as_of is None else as_of
    moments = np.where(actions.kind == Kind.RELEASE_EARLIER, early, usual)
    groups = apart(shipments)
    parts = [_Own(history.world, loads[rows], actions[rows], moments[rows]).outcomes(history) for rows in groups]
    return Outcomes.joined(parts)[np.argsort(np.concatenate(groups), kind="stable")]


def released(history: History, shipments: Ints) -> Loads:
    """Loads of the given keys as they were released."""
    whole = joined(history.released)
    row = np.minimum(np.searchsorted(whole.key, shipments), len(whole) - 1)
    unknown = whole.key[row] != shipments
    if unknown.any():
        raise KeyError(f"no load has the key {shipments[unknown][0]}")
    return whole[row]


def apart(shipments: Ints) -> list[Ints]:
    """Rows in groups in which no load comes twice, the first of each load first."""
    order = np.argsort(shipments, kind="stable")
    _, first, counts = np.unique(shipments[order], return_index=True, return_counts=True)
    nth = np.empty(len(shipments), dtype=np.int64)
    nth[order] = np.arange(len(shipments)) - np.repeat(first, counts)
    return [np.flatnonzero(nth == turn) for turn in range(counts.max(initial=0))]


class _Own(UnderWay):
    """Loads that go their own way, all different; each is acted on once, at its moment."""

    def __init__(self, world: World, loads: Loads, actions: Actions, as_of: Floats) -> None:
        super().__init__(world, loads)
        self.actions, self.as_of = actions, as_of
        self.acted, self.done = (np.zeros(len(loads), dtype=bool) for _ in range(2))

    def outcomes(self, history: History) -> Outcomes:
        """Outcomes, once all is settled."""
        starts = np.minimum(self.loads.released_at, self.as_of)
        for day in range(int(starts.min() // DAY), self.world.clock.laid_out):
            if self.gone.all():
                break
            self._live(history, np.flatnonzero(~self.gone & (starts < (day + 1) * DAY)), day)
        self._on_the_road()
        return outcomes_of(self.world, self.loads, self.steering, self.first, self.done)

    def _live(self, history: History, rows: Ints, day: int) -> None:
        """Live through a day, acting when it is time."""
        at, end = history.others(day, Bookings.of(self.loads[rows])), (day + 1.0) * DAY
        self.offer(at, rows, np.where(self.acted[rows], end, np.minimum(self.as_of[rows], end)))
        now = rows[~self.acted[rows] & (self.as_of[rows] < end)]
        with self.some(now) as (loads, steering):
            self.done[now], _ = act(self.world, at, loads, steering, self.actions[now], self.as_of[now])
        self.acted[now] = True
        self.offer(at, rows, np.full(len(rows), end))
        self.pick_up(at, rows, day)

    def _on_the_road(self) -> None:
        """Act on loads that had been picked up by then."""
        rows = np.flatnonzero(~self.acted & np.isfinite(self.loads.departed_at))
        with self.some(rows) as (loads, steering):
            self.done[rows] = act_on_the_road(self.world, loads, steering, self.actions[rows], self.as_of[rows])


def act_on_the_road(
    world: World, loads: Loads, steering: Steering, actions: Actions, as_of: Floats
) -> NDArray[np.bool_]:
    """Act on loads between dock and customer, in place; what they met on the way stays as it is."""
    on_road = np.isin(actions.kind, (Kind.DO_NOTHING, Kind.EXPEDITE, Kind.NOTIFY))
    able = Actions(np.where(on_road, actions.kind, Kind.DO_NOTHING), actions.carrier, actions.amount)
    done, _ = act(world, alone(world, loads), loads, steering, able, as_of)
    go_on(world, alone(world, loads), loads)
    return done & on_road


def alone(world: World, loads: Loads) -> Actual:
    """Surroundings with the world's market and weather, and nobody else in the books."""
    return Actual(world, books_of(world, loads[:0], 0))
