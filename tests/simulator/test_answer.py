"""What would have happened: history where nothing is done, and otherwise the action's effect alone."""

from itertools import pairwise

import numpy as np
import pytest

from simulator.flow.loads import Loads
from simulator.whatif.actions import (
    DO_NOTHING,
    ESCALATE,
    EXPEDITE,
    NOTIFY,
    SHIFT_CAPACITY,
    Action,
    Actions,
    raise_price,
    rebook,
    release_earlier,
    retender,
)
from simulator.whatif.answer import answer, answers
from simulator.whatif.costs import CANCELLATION
from simulator.whatif.history import Bookings, own_fleet
from simulator.whatif.steering import SPOT
from tests.simulator.lived import differing, done_to_all, ended, history, same

UPSTREAM = {"carrier", "price", "covered_at", "sequence", "rank", "ready_at", "arrived_at", "departed_at", "crowd"}


def guide_carrier(loads: Loads, rank: int) -> np.ndarray:
    return history().world.guide.carrier[loads.lane, rank]


def test_doing_nothing_is_what_happened() -> None:
    """Every column of every load of the history comes out bit by bit, those that the shipper cancelled among them."""
    assert set() == differing(done_to_all(DO_NOTHING).loads, ended())
    assert len(history().cancelled) > 0


@pytest.mark.parametrize("hours", [1.0, 9.0, 30.0, 200.0])
def test_doing_nothing_later_is_what_happened(hours: float) -> None:
    """At which moment nothing is done makes no difference, be it before or after pickup."""
    assert set() == differing(done_to_all(DO_NOTHING, hours).loads, ended())


@pytest.mark.parametrize("action", [EXPEDITE, raise_price(0.1), rebook(5.0), retender(SPOT), release_earlier(12.0)])
def test_the_same_question_has_the_same_answer(action: Action) -> None:
    """Twice in one call, in another order, or alone: the outcome of a load and an action is one."""
    keys = ended().key[:40]
    twice = answers(history(), np.concatenate([keys, keys[::-1]]), Actions.of([action] * 80))
    first, second = twice[np.arange(40)], twice[np.arange(79, 39, -1)]
    assert set() == differing(first.loads, second.loads)
    assert same(first.costs.total, second.costs.total)
    alone = answer(history(), int(keys[7]), action)
    assert first.one(7).total == alone.total
    assert first.one(7).delivered_at == alone.delivered_at


def test_actions_of_other_loads_do_not_matter() -> None:
    """An answer holds all others as they went, whatever is asked about them in the same call."""
    keys = ended().key[:60]
    mixed = Actions.of([EXPEDITE if turn % 2 else SHIFT_CAPACITY for turn in range(60)])
    plain = Actions.of([EXPEDITE if turn % 2 else DO_NOTHING for turn in range(60)])
    odd = np.arange(1, 60, 2)
    one, other = answers(history(), keys, mixed)[odd], answers(history(), keys, plain)[odd]
    assert set() == differing(one.loads, other.loads)


@pytest.mark.parametrize("action", [EXPEDITE, NOTIFY])
def test_what_is_done_on_the_road_leaves_the_dock_as_it_was(action: Action) -> None:
    """Whatever lies before the action is bit by bit what it was."""
    late = done_to_all(action, 60.0)
    rows = np.flatnonzero(late.done & (ended().departed_at < ended().released_at + 3_600.0))
    assert len(rows) > 50
    assert differing(late.loads[rows], ended()[rows]).isdisjoint(UPSTREAM)


def test_upstream_of_a_first_offer_nothing_changes_with_speed() -> None:
    """Speed bought at release touches the road only, not who takes the load, nor when it departs."""
    assert differing(done_to_all(EXPEDITE).loads, ended()).isdisjoint(UPSTREAM)


@pytest.mark.parametrize("hours", [None, 20.0, 60.0, 90.0])
def test_expedited_is_never_later(hours: float | None) -> None:
    """Load by load; and many are earlier, unless nearly all are delivered by then."""
    faster, usual = done_to_all(EXPEDITE, hours), ended()
    rode = np.isfinite(usual.delivered_at)
    assert (faster.loads.delivered_at[rode] <= usual.delivered_at[rode]).all()
    assert (faster.loads.reached_at[rode] < usual.reached_at[rode] - 10).sum() > 50


def test_speed_is_paid_for() -> None:
    """The premium is the share of the price that the costs name."""
    faster, usual = done_to_all(EXPEDITE), done_to_all(DO_NOTHING)
    rode = faster.delivered
    extra = faster.costs.premium - usual.costs.premium
    np.testing.assert_allclose(extra[rode], 0.35 * ended().price[rode])


def test_a_higher_price_never_turns_yes_into_no() -> None:
    """The first offer: whoever accepts at a price accepts at each higher one, and some only then."""
    shares = (0.0, 0.03, 0.1, 0.3)
    said = [done_to_all(raise_price(share)).first_accepted for share in shares]
    for lower, higher in pairwise(said):
        assert not (lower & ~higher).any()
    assert said[-1].sum() > said[0].sum()


def test_lead_time_helps() -> None:
    """Released a day earlier, with the same pickup, more first offers are accepted."""
    usual, earlier = done_to_all(DO_NOTHING), done_to_all(release_earlier(24.0))
    early_enough = ended().released_at > 2 * 1440
    gained = earlier.first_accepted[early_enough].astype(float) - usual.first_accepted[early_enough]
    assert gained.mean() > 2 * gained.std() / np.sqrt(len(gained))
    assert same(earlier.loads.pickup_at, usual.loads.pickup_at)


def test_a_warned_customer_takes_no_more_than_goodwill() -> None:
    """Told at release: delivered no later, no more paid for lateness, and goodwill for every appointment moved."""
    told, usual = done_to_all(NOTIFY), done_to_all(DO_NOTHING)
    rode = usual.delivered
    assert (told.loads.delivered_at[rode] <= usual.loads.delivered_at[rode]).all()
    assert (told.costs.late + told.costs.fine <= usual.costs.late + usual.costs.fine).all()
    assert (told.costs.late + told.costs.fine).sum() < 0.7 * (usual.costs.late + usual.costs.fine).sum()
    assert (told.costs.goodwill[rode] > 0).all()


def test_another_carrier_takes_over_or_nothing_changes() -> None:
    """Asked beside the present carrier: taken over for the price of a cancellation, or left where it was."""
    loads, usual = ended(), done_to_all(DO_NOTHING)
    as_of = loads.covered_at + 30.0
    rows = np.flatnonzero(
        np.isinf(loads.gives_back_at) & (loads.ready_at > as_of + 600) & (guide_carrier(loads, 1) >= 0)
    )
    rows = rows[(guide_carrier(loads, 1) != loads.carrier)[rows] & ~loads.spot_only[rows] & usual.delivered[rows]]
    asked = Actions.of([retender(int(one)) for one in guide_carrier(loads, 1)[rows]])
    beside = answers(history(), loads.key[rows], asked, as_of[rows])
    extra = beside.costs.cancellation - usual.costs.cancellation[rows]
    taken = extra >= CANCELLATION
    assert 0 < taken.sum() < len(rows)
    assert (extra[~taken] == 0).all()
    assert set() == differing(beside.loads[~taken], loads[rows[~taken]])
    assert (beside.tenders[~taken & beside.done] == usual.tenders[rows][~taken & beside.done] + 1).all()


def test_nobody_is_paid_less_than_asked() -> None:
    """A re-tender below what the carrier asks goes out at what it asks."""
    loads = ended()
    first = guide_carrier(loads, 0)
    low = answers(history(), loads.key, Actions.of([retender(int(one), 1.0) for one in first]))
    asked = answers(history(), loads.key, Actions.of([retender(int(one)) for one in first]))
    assert same(low.loads.price, asked.loads.price)


def test_the_own_fleet_comes_for_sure_at_a_known_price() -> None:
    """Covered at once, handed back never, and one offer less."""
    moved = done_to_all(SHIFT_CAPACITY)
    rode = moved.delivered
    assert (moved.loads.carrier[rode] == own_fleet(history().world)).all()
    assert same(moved.loads.covered_at[rode], moved.loads.released_at[rode])
    assert (moved.tenders[rode] == 0).all()
    assert (moved.costs.cancellation == 0).all()


def test_a_person_gets_loads_covered_sooner() -> None:
    """On average over loads whose first offer failed."""
    usual, called = done_to_all(DO_NOTHING), done_to_all(ESCALATE)
    failed = usual.delivered & ~usual.first_accepted
    assert (called.loads.covered_at - usual.loads.covered_at)[failed].mean() < -30
    assert (called.planner_min[failed] - usual.planner_min[failed]).mean() > 5


def test_a_rebooked_pickup_moves() -> None:
    """By the hours told, to the next hour at which the docks are open."""
    later = done_to_all(rebook(6.0))
    moved = (later.loads.ready_at - done_to_all(DO_NOTHING).loads.ready_at)[later.done & later.delivered]
    assert (moved >= 0).mean() > 0.95
    assert np.median(moved) == 360.0


def test_a_load_does_not_meet_its_own_booking_in_history() -> None:
    """At another hour than in history, a load finds its old slot free, and its new one taken by itself."""
    loads, day = ended(), 10
    at = history().others(day, Bookings.of(loads[np.zeros(0, dtype=np.int64)]))
    key, ready = at.then.key[:1], at.then.ready_at[:1]
    centre = history().world.lanes.centre[loads.lane[np.searchsorted(loads.key, key)]]
    moved = history().others(day, Bookings(key, at.then.carrier[:1], ready + 60.0))
    doors = history().world.centres.doors[centre][0] * 0.45
    books = at.books.dock[centre[0]]
    hour = int(ready[0] // 60 - day * 24)
    assert moved.crowd(centre, ready, key)[0] == pytest.approx((books[hour] - 1) / doors)
    assert moved.crowd(centre, ready + 60.0, key)[0] == pytest.approx((books[hour + 1] + 1) / doors)


def test_parts_add_up() -> None:
    """The total is the sum of its parts, and the truck's parts are what was paid for it."""
    one = answer(history(), int(ended().key[3]), DO_NOTHING)
    parts = (one.freight, one.premium, one.handling, one.cancellation, one.detention)
    assert one.total == pytest.approx(sum(parts) + one.late_cost + one.fine + one.goodwill + one.action)
    assert one.freight + one.premium == pytest.approx(one.price)


def test_a_load_that_never_was_is_refused() -> None:
    with pytest.raises(KeyError, match="no load has the key 12"):
        answer(history(), 12, DO_NOTHING)
