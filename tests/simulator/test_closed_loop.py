"""A steered network: history where nobody steers, and interplay where somebody does."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from simulator.flow.conditions import carrier_loads_a_day
from simulator.flow.loads import Loads
from simulator.whatif.actions import DO_NOTHING, EXPEDITE, SHIFT_CAPACITY, Action, retender
from simulator.whatif.closed_loop import Loop, Start, vehicles_a_day
from simulator.whatif.history import own_fleet
from simulator.whatif.policies import DoNothing, Rules, StaticGuide
from simulator.whatif.seen import Decisions, Seen
from tests.simulator.lived import differing, ended, same, start


@dataclass
class Sending:
    """Sends every load to one carrier of its guide, as soon as it sees it."""

    carrier: int
    name: str = "sending"
    left_alone: bool = True
    sent: set[int] = field(default_factory=set)

    def decide(self, seen: Seen) -> Decisions:
        listed = (seen.loads.guide_carrier == self.carrier).any(axis=1) & ~seen.loads.spot_only & (self.carrier >= 0)
        new = [int(load) for load in seen.loads.load[listed] if load not in self.sent]
        self.sent.update(new)
        return Decisions.of([(load, retender(self.carrier)) for load in new])


@dataclass(frozen=True)
class Always:
    """The same action on every open load at every moment."""

    action: Action
    name: str = "always"
    left_alone: bool = False

    def decide(self, seen: Seen) -> Decisions:
        return Decisions.of([(int(load), self.action) for load in seen.loads.load])


def of_history(loads: Loads) -> Loads:
    whole = ended()
    return whole[np.searchsorted(whole.key, loads.key)]


def test_the_routing_guide_in_the_loop_is_history() -> None:
    """The history, up to where orders end in both, comes out bit by bit, though steered from a day on."""
    outcomes = Loop(start(), StaticGuide()).run()
    assert len(outcomes) > 50
    assert set() == differing(outcomes.loads, of_history(outcomes.loads))


def test_looking_at_it_often_changes_nothing() -> None:
    """A policy that says "do nothing" about every load, at every moment, is the routing guide."""
    outcomes = Loop(start(), Always(DO_NOTHING)).run()
    assert set() == differing(outcomes.loads, of_history(outcomes.loads))


@pytest.mark.parametrize("policy", [DoNothing(), Rules()])
def test_the_same_start_ends_the_same(policy: DoNothing | Rules) -> None:
    """Run twice from one start, which a run leaves as it was."""
    first, second = Loop(start(), policy).run(), Loop(start(), policy).run()
    assert set() == differing(first.loads, second.loads)
    assert same(first.costs.total, second.costs.total)


def test_what_takes_no_room_changes_nobody_else() -> None:
    """Expediting everything on the road leaves all tenders of all loads as they were."""
    plain, fast = Loop(start(), StaticGuide()).run(), Loop(start(), Always(EXPEDITE)).run()
    assert same(plain.loads.covered_at, fast.loads.covered_at)
    assert (fast.loads.delivered_at <= plain.loads.delivered_at)[plain.delivered].all()


def test_a_carrier_that_gets_everything_takes_less_of_it() -> None:
    """Sent all loads it could carry, a carrier takes fewer than it would with room for all of them."""
    taken = []
    for one in map(start, (5, 6, 7)):
        carrier = _coveted(one)
        for room in (1.0, 1_000.0):
            loop = Loop(_with_room(one, carrier, room), Sending(carrier))
            carriers = loop.run().loads.carrier
            taken.append((carriers[_sent(loop)] == carrier).sum())
    tight, roomy = np.array(taken[::2]), np.array(taken[1::2])
    assert (tight < roomy).all()
    assert tight.sum() < 0.95 * roomy.sum()


def test_what_one_load_takes_others_miss() -> None:
    """Sending a carrier everything changes who carries loads that were not sent to it."""
    usual, loop = Loop(start(), Sending(-1)).run(), Loop(start(), Sending(_coveted(start())))
    steered = loop.run()
    other = ~_sent(loop)
    assert not same(usual.loads.departed_at[other], steered.loads.departed_at[other])


def _sent(loop: Loop) -> np.ndarray:
    """Which of the measured loads the policy sent."""
    assert isinstance(loop.policy, Sending)
    return np.isin(np.arange(len(loop.start.waiting), len(loop.loads)), sorted(loop.policy.sent))


def _with_room(one: Start, carrier: int, ratio: float) -> Start:
    size = one.world.carriers.size.copy()
    size[carrier] *= ratio
    return replace(one, world=replace(one.world, carriers=replace(one.world.carriers, size=size)))


def _coveted(one: Start) -> int:
    """Of carriers that the guide itself does not fill up, the one whom most loads could be sent to."""
    listed = one.world.guide.carrier[one.orders.lane]
    entries = (np.bincount(some[some >= 0], minlength=len(one.world.carriers)) for some in (listed[:, 0], listed))
    (first, anywhere), room = entries, carrier_loads_a_day(one.world)
    return int(np.argmax(np.where(first / one.days < 0.7 * room, anywhere / room, 0.0)))


def test_vehicles_run_out() -> None:
    """No centre is lent more of them on a day than there are."""
    loop = Loop(start(), Always(SHIFT_CAPACITY))
    loads = loop.run().loads
    world = loop.world
    ours = loads.carrier == own_fleet(world)
    centre, day = world.lanes.centre[loads.lane[ours]], ((loads.covered_at[ours] - 1) // 1440).astype(int)
    assert ours.any()
    assert not ours.all()
    for one in np.unique(day):
        assert (np.bincount(centre[day == one], minlength=len(world.centres)) <= vehicles_a_day(world, one)).all()


def test_nobody_decides_about_loads_that_are_not_open() -> None:
    class Wild(StaticGuide):
        def decide(self, seen: Seen) -> Decisions:
            return Decisions.of([(10**6, EXPEDITE)])

    with pytest.raises(KeyError, match="which is not open"):
        Loop(start(), Wild()).run()


def test_left_alone_a_refused_load_waits_for_the_last_moment() -> None:
    """One offer on release; the next is for the spot market, shortly before pickup."""
    outcomes = Loop(start(), DoNothing()).run()
    refused = outcomes.delivered & ~outcomes.first_accepted & np.isinf(outcomes.loads.gives_back_at)
    second = refused & (outcomes.tenders == 2) & ~outcomes.loads.spot_only
    assert second.sum() > 10
    assert not outcomes.loads.contract[second].any()
    assert (outcomes.loads.pickup_at - outcomes.loads.covered_at < 240)[second].all()
