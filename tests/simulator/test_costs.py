"""What is owed, by hand."""

import numpy as np
import pytest

from simulator.flow.loads import Loads
from simulator.flow.promises import MOVED_MIN
from simulator.whatif.costs import CANCELLATION, DETENTION_PER_H, GOODWILL_MIN, costs_of
from simulator.whatif.steering import Steering
from tests.simulator.lived import ended, history

RODE = ended()[np.flatnonzero(np.isfinite(ended().delivered_at))]


def one_of_tier(tier: int) -> Loads:
    """A load of a customer of a tier, with nothing wrong about it."""
    world = history().world
    found = np.flatnonzero(world.customers.tier[world.lanes.customer[RODE.lane]] == tier)[:1]
    load = RODE[found]
    load.short[:] = False
    load.arrived_at, load.departed_at = load.ready_at.copy(), load.ready_at + 60.0
    load.reached_at, load.delivered_at = load.window_from - 30.0, load.window_from + 60.0
    return load


def cost(load: Loads, part: str, steering: Steering | None = None) -> float:
    costs = costs_of(history().world, load, steering or Steering.none(1))
    return float(getattr(costs, part)[0])


@pytest.mark.parametrize("tier", [0, 1, 2])
def test_nothing_wrong_costs_the_truck_only(tier: int) -> None:
    load = one_of_tier(tier)
    assert cost(load, "total") == pytest.approx(float(load.price[0]))


def test_a_minute_of_lateness_is_paid_from_the_thirtieth_on() -> None:
    """Planned is the window's end and two hours of unloading; 30 minutes more are free."""
    load = one_of_tier(2)
    per_min = history().world.customers.late_per_min[history().world.lanes.customer[load.lane]][0]
    for delay, owed in ((30.0, 0.0), (31.0, per_min), (130.0, 100 * per_min)):
        load.delivered_at = load.window_until + 120.0 + delay
        assert cost(load, "late") == pytest.approx(owed)
        assert cost(load, "fine") == 0.0


def test_who_agreed_a_fine_pays_it_instead_and_once() -> None:
    """3 % of the goods' value for late, for short, and for both."""
    load = one_of_tier(0)
    owed = round(0.03 * float(load.value[0]), 2)
    for delay, short in ((31.0, False), (-60.0, True), (500.0, True)):
        load.delivered_at, load.short = load.window_until + 120.0 + delay, np.array([short])
        assert cost(load, "fine") == pytest.approx(owed)
        assert cost(load, "late") == 0.0


def test_an_appointment_moved_ahead_costs_goodwill_in_place_of_penalties() -> None:
    """Told in time, penalties start where the moved appointment ends; told too late, nothing changes."""
    load = one_of_tier(2)
    per_min = history().world.customers.late_per_min[history().world.lanes.customer[load.lane]][0]
    load.delivered_at = load.window_until + 120.0 + 30.0 + MOVED_MIN + 10.0
    load.notified_at = load.window_until - 121.0
    assert cost(load, "late") == pytest.approx(10 * per_min)
    assert cost(load, "goodwill") == pytest.approx(GOODWILL_MIN * per_min)
    load.notified_at = load.window_until - 119.0
    assert cost(load, "late") == pytest.approx((10 + MOVED_MIN) * per_min)
    assert cost(load, "goodwill") == 0.0


def test_docks_are_free_for_two_hours() -> None:
    load = one_of_tier(1)
    load.departed_at = load.arrived_at + 120.0 + 90.0
    assert cost(load, "detention") == pytest.approx(1.5 * DETENTION_PER_H)


def test_carriers_lost_and_planners_are_paid_for() -> None:
    """Two contract offers, one spot offer and five minutes of an action at $0.70 a minute; one carrier lost."""
    steering = Steering.none(1)
    steering.tenders, steering.spot_tenders, steering.lost = np.array([3]), np.array([1]), np.array([1])
    steering.minutes = np.array([5.0])
    assert cost(one_of_tier(1), "handling", steering) == pytest.approx(0.7 * (2 * 6 + 20 + 5))
    assert cost(one_of_tier(1), "cancellation", steering) == CANCELLATION


def test_goods_that_never_went_paid_for_no_truck() -> None:
    load = one_of_tier(1)
    load.delivered_at = np.array([np.nan])
    assert cost(load, "total") == 0.0
