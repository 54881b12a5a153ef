"""Orders of a day: how many on each lane, what they carry, when they are released and wanted."""

import numpy as np
from numpy.typing import NDArray

from simulator.flow.loads import NOBODY, Loads, never
from simulator.flow.transit import usual_transit
from simulator.network.clock import DAY, HOUR
from simulator.network.lanes import Lanes
from simulator.network.noise import Floats, Ints
from simulator.network.sites import CLOSES_MIN, OPENS_MIN
from simulator.network.world import World

WEEKDAY_SHARE = np.array([1.22, 1.2, 1.15, 1.15, 1.08, 0.7, 0.5])
SEASON = 0.12
LEAD_H = 33.0
LEAD_FOR_HARD_LANES = 0.95
LEAD_FOR_EQUIPMENT = np.array([0.0, 0.10, 0.20])
LEAD_FOR_HARD_LOADS = -0.10
LEAD_WHEN_TIGHT = 0.04
LEAD_SPREAD = 0.22
LEAD_RANGE_H = (3.0, 240.0)
"""Hours from release to pickup: planners release what they know to be hard lanes early, and put off hard loads."""
SPOT_SHARE, SPOT_SHARE_WHEN_TIGHT = 0.215, 0.075
"""Share of loads on regular lanes that never see the routing guide, and its rise per unit of level."""
CANCELLED_SHARE = 0.02
BUFFER_SHARE, BUFFER_MIN = 0.05, 45.0
"""Slack that planners add to the usual transit time."""
HINTS = ("", "driver assist", "tarp required", "multi stop", "live unload", "lumper on site")
HINT_WEIGHTS = np.array([0.55, 0.13, 0.05, 0.09, 0.1, 0.08])
EASY_HINT = 0.8
"""Hardness above which a load's note names what makes it so, more often than not."""
TOLD_SPREAD, CHATTY_SHARE = 0.7, 0.15
"""Chance in whether hardness is named, and the share of other loads whose note may say something all the same."""
RECEIVES_FROM_MIN, RECEIVES_UNTIL_MIN = 6 * 60, 18 * 60


def orders_of(world: World, day: int) -> Loads:
    """Loads released on a day."""
    lane, nth = _counted(world, day)
    key = (np.int64(day) << 34) | (lane << 12) | nth
    noise = world.noise
    hard = noise.normal("hard", key)
    released = _released(world, lane, key, day)
    pickup = first_pickup(world, lane, released, released + HOUR * lead_h(world, lane, hard, day, key))
    opened, closed = delivery_window(world, lane, pickup)
    pallets = np.clip(np.round(18 + 5 * noise.normal("pallets", key)), 2, 26)
    count = len(key)
    return Loads(
        key=key, lane=lane, hard=hard, pallets=pallets,
        weight_kg=np.round(pallets * np.exp(6.2 + 0.25 * noise.normal("weight", key))),
        value=np.round(pallets * np.exp(7.1 + 0.5 * noise.normal("value", key)), 2),
        hint=_hint(world, key, hard), spot_only=_spot_only(world, lane, key, day),
        ordered_at=released - HOUR * (2 + 20 * noise.uniform("ordered", key)), released_at=released,
        pickup_at=pickup, window_from=opened, window_until=closed,
        cancels_at=_cancels(world, key, released, pickup),
        rank=np.zeros(count, dtype=np.int64), sequence=np.zeros(count, dtype=np.int64), next_at=released + 5.0,
        carrier=np.full(count, NOBODY), price=never(count), contract=np.zeros(count, dtype=bool),
        covered_at=never(count), gives_back_at=never(count), expedited_at=never(count), notified_at=never(count),
        ready_at=pickup.copy(), arrived_at=never(count), departed_at=never(count), halfway_at=never(count),
        reached_at=never(count), delivered_at=never(count), agreed_until=closed.copy(),
        broken_min=np.zeros(count), storm=np.zeros(count), crowd=np.zeros(count), short=np.zeros(count, dtype=bool),
    )  # fmt: skip


def expected_orders(world: World, day: int) -> Floats:
    """Mean number of orders by lane, the week's swing left out."""
    season = 1.0 + SEASON * np.sin(2 * np.pi * (world.clock.dates[day].timetuple().tm_yday - 120) / 365.25)
    return world.lanes.a_day * WEEKDAY_SHARE[world.clock.weekday[day]] * season


def lead_mean(lanes: Lanes, lane: Ints, tight: Floats | float) -> Floats:
    """Mean logarithm of the hours from release to pickup, hardness of the load left out."""
    return (
        np.log(LEAD_H)
        + LEAD_FOR_HARD_LANES * lanes.hard[lane]
        + LEAD_FOR_EQUIPMENT[lanes.equipment[lane]]
        + LEAD_WHEN_TIGHT * tight
    )


def lead_h(world: World, lane: Ints, hard: Floats, day: int, key: Ints) -> Floats:
    """Hours from release to pickup that the planner leaves."""
    usual = lead_mean(world.lanes, lane, world.market.target[day])
    chance = LEAD_FOR_HARD_LOADS * hard + LEAD_SPREAD * world.noise.normal("lead", key)
    return np.clip(np.exp(usual + chance), *LEAD_RANGE_H)


def _counted(world: World, day: int) -> tuple[Ints, Ints]:
    """Lane of each order, and which one of the lane's day it is."""
    lanes = np.arange(len(world.lanes))
    swing = world.lanes.swing * world.noise.normal("swing", lanes, day // 7) - world.lanes.swing**2 / 2
    counts = world.noise.poisson("orders", expected_orders(world, day) * np.exp(swing), lanes, day)
    lane = np.repeat(lanes, counts)
    return lane, np.arange(len(lane)) - np.repeat(np.cumsum(counts) - counts, counts)


def _released(world: World, lane: Ints, key: Ints, day: int) -> Floats:
    """Release within office hours of the centre."""
    zone = world.origin_zone(lane)
    local = 8 * HOUR + 9 * HOUR * world.noise.uniform("released", key)
    return day * DAY + local - world.clock.offset_min[zone, day]


def first_pickup(world: World, lane: Ints, released: Floats, wanted: Floats) -> Floats:
    """First full hour from a moment on, the moments of whole days spread over the hours at which docks are open."""
    zone = world.origin_zone(lane)
    local = world.clock.local_minute(wanted, zone)
    wanted = wanted - local + OPENS_MIN + local * (CLOSES_MIN - OPENS_MIN) / DAY
    return np.asarray(np.maximum(world.clock.next_open(wanted, zone, OPENS_MIN, CLOSES_MIN), released + 2 * HOUR))


def delivery_window(world: World, lane: Ints, pickup: Floats) -> tuple[Floats, Floats]:
    """Window that the customer is promised: after the usual transit and some slack, when it receives."""
    customer = world.lanes.customer[lane]
    transit = usual_transit(world.lanes, lane)
    earliest = pickup + transit * (1 + BUFFER_SHARE) + BUFFER_MIN
    zone = world.customers.zone[customer]
    opens = world.clock.next_open(earliest, zone, RECEIVES_FROM_MIN, RECEIVES_UNTIL_MIN)
    return opens, opens + world.customers.window_min[customer]


def _cancels(world: World, key: Ints, released: Floats, pickup: Floats) -> Floats:
    cancelled = world.noise.uniform("cancelled", key) < CANCELLED_SHARE
    return np.where(cancelled, released + (pickup - released) * world.noise.uniform("cancels", key), np.inf)


def _hint(world: World, key: Ints, hard: Floats) -> Ints:
    """What the load's note says: nothing for most, what makes it hard for many of the hard ones."""
    told = (hard + TOLD_SPREAD * world.noise.normal("told", key)) > EASY_HINT
    named = 1 + world.noise.chosen("hint", HINT_WEIGHTS[1:], key)
    said = world.noise.chosen("any hint", HINT_WEIGHTS, key)
    return np.where(told, named, np.where(world.noise.uniform("chatty", key) < CHATTY_SHARE, said, 0))


def _spot_only(world: World, lane: Ints, key: Ints, day: int) -> NDArray[np.bool_]:
    share = SPOT_SHARE + SPOT_SHARE_WHEN_TIGHT * world.market.target[day]
    return (world.noise.uniform("spot only", key) < share) & ~world.lanes.sporadic[lane]
