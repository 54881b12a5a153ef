"""The clairvoyant pays no more than any policy, load by load."""

from dataclasses import dataclass

import numpy as np
import pytest

from simulator.whatif.actions import (
    ESCALATE,
    EXPEDITE,
    NOTIFY,
    SHIFT_CAPACITY,
    Action,
    raise_price,
    rebook,
    retender,
    skip,
)
from simulator.whatif.clairvoyant import lower_bounds
from simulator.whatif.closed_loop import Loop, Policy
from simulator.whatif.comparison import bounds
from simulator.whatif.policies import DoNothing, Rules, StaticGuide
from simulator.whatif.seen import Decisions, Seen
from simulator.whatif.steering import SPOT
from tests.simulator.lived import start


@dataclass
class Erratic:
    """Does something at random to every third open load, every time."""

    seed: int
    name: str = "erratic"
    left_alone: bool = False

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng(self.seed)

    def decide(self, seen: Seen) -> Decisions:
        rows = np.flatnonzero(self.chance.random(len(seen.loads)) < 1 / 3)
        return Decisions.of([(int(seen.loads.load[row]), self._any(seen.loads.guide_carrier[row])) for row in rows])

    def _any(self, guide: np.ndarray) -> Action:
        carrier = int(self.chance.choice(guide[guide >= 0]))
        choices = (
            *(EXPEDITE, NOTIFY, ESCALATE, SHIFT_CAPACITY, skip(carrier), retender(SPOT), retender(carrier)),
            *(retender(carrier, 5_000.0), raise_price(0.2), rebook(-6.0), rebook(12.0)),
        )
        return choices[self.chance.integers(len(choices))]


@pytest.mark.parametrize("seed", [5, 6, 7])
@pytest.mark.parametrize("others", [True, False])
def test_no_policy_pays_less_than_the_clairvoyant(seed: int, others: bool) -> None:
    """Load by load, for every policy, a wild one among them, and whichever the bound is worked out with."""
    policies: list[Policy] = [DoNothing(), StaticGuide(), Rules()] if others else [Erratic(seed)]
    ended = [Loop(start(seed), policy).run() for policy in policies]
    bound = bounds(start(seed), ended)
    for outcomes in ended:
        assert (bound <= outcomes.costs.total + 1e-9).all()
    assert bound.mean() > (0.75 if others else 0.5) * ended[0].costs.total.mean()


def test_the_bound_is_attained_by_some() -> None:
    """It is not lower than it must be: some loads cost what the clairvoyant pays, to the cent."""
    outcomes = Loop(start(), StaticGuide()).run()
    assert ((outcomes.costs.total - bounds(start(), [outcomes])) < 0.02).any()


def test_more_freedom_never_costs_the_clairvoyant_more() -> None:
    """More days and more offers only lower the bound."""
    outcomes = Loop(start(), StaticGuide()).run()
    world, orders = start().world, start().orders
    until = np.fmax(outcomes.loads.ready_at, outcomes.loads.arrived_at)
    narrow = lower_bounds(world, orders, until, outcomes.tenders)
    wide = lower_bounds(world, orders, until + 1440.0, outcomes.tenders + 2)
    assert (wide <= narrow).all()
    assert (wide < narrow).any()
