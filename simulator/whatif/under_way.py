"""Loads that are steered, as they stand: offered, acted on and picked up, some of them at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from simulator.flow.conditions import Conditions
from simulator.flow.engine import cancelled_by, picked_up, travel
from simulator.flow.loads import Loads
from simulator.flow.tendering import ACCEPTED, Offers
from simulator.flow.waterfall import rounds_until
from simulator.network.noise import Floats, Ints
from simulator.network.world import World
from simulator.whatif.steering import Steering


class UnderWay:
    """Loads, what was decided about them, whether they are picked up or cancelled, and whose first offer was accepted.

    Parameters
    ----------
    loads
        Changed as they go on.
    left_alone
        Whether refused loads wait for the last moment.
    """

    def __init__(self, world: World, loads: Loads, left_alone: bool = False) -> None:
        self.world, self.loads = world, loads
        self.steering = Steering.none(len(loads), left_alone)
        self.gone, self.first = (np.zeros(len(loads), dtype=bool) for _ in range(2))

    @contextmanager
    def some(self, rows: Ints) -> Iterator[tuple[Loads, Steering]]:
        """Copies of some rows, put back when the ``with`` ends."""
        loads, steering = self.loads[rows], self.steering[rows]
        yield loads, steering
        self.loads.put(rows, loads)
        self.steering.put(rows, steering)

    def offer(self, at: Conditions, rows: Ints, until: Floats) -> list[Offers]:
        """Make the offers of some rows that are due before each one's moment."""
        with self.some(rows) as (loads, steering):
            made = [one.offers for one in rounds_until(self.world, at, loads, until, steering)]
        for offers in made:
            self.first[rows[offers.load]] |= (offers.sequence == 1) & (offers.outcome == ACCEPTED)
        return made

    def pick_up(self, at: Conditions, rows: Ints, day: int) -> Ints:
        """Send those rows on their way whose truck is due on a day; returns those that the shipper cancelled."""
        loads = self.loads[rows]
        picked, cancelled = picked_up(loads, day), cancelled_by(loads, day)
        going = loads[picked & ~cancelled]
        travel(self.world, at, going)
        self.loads.put(rows[picked & ~cancelled], going)
        self.gone[rows[picked | cancelled]] = True
        return rows[cancelled]
