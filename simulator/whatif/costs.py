"""What a load cost in the end, by part."""

from dataclasses import dataclass, fields

import numpy as np

from simulator.flow.loads import Loads
from simulator.flow.promises import LATE_AFTER_MIN, MOVED_MIN, delay_min, moved
from simulator.network.clock import HOUR
from simulator.network.columns import Columns
from simulator.network.guide import contract_price
from simulator.network.noise import Floats
from simulator.network.world import World
from simulator.whatif.actions import COSTS
from simulator.whatif.steering import Steering

CANCELLATION = 145.0
"""For each carrier lost after it had accepted (MIT 2018)."""
TENDER_MIN, SPOT_TENDER_MIN = 6.0, 20.0
"""A planner's minutes for an offer under contract, and on the spot market."""
FREE_MIN, DETENTION_PER_H = 120.0, 65.0
"""Time at a dock that is free, and money for each hour beyond it."""
GOODWILL_MIN = 45.0
"""An appointment that is moved ahead costs as much goodwill as so many minutes of lateness."""


@dataclass
class Costs(Columns):
    """Money by part, one entry a load.

    Attributes
    ----------
    freight
        What the first carrier of the guide asked at release.
    premium
        What was paid beyond it (negative: below), speed included.
    handling
        A planner's minutes, priced.
    cancellation
        Carriers lost after they had accepted.
    detention
        Hours at the docks beyond the free time.
    late
        Minutes of lateness, where no fine is agreed.
    fine
        Fines for deliveries late or short.
    goodwill
        Appointments moved ahead.
    action
        What notifications cost.
    """

    freight: Floats
    premium: Floats
    handling: Floats
    cancellation: Floats
    detention: Floats
    late: Floats
    fine: Floats
    goodwill: Floats
    action: Floats

    @property
    def total(self) -> Floats:
        """Their sum."""
        return np.asarray(sum((getattr(self, one.name) for one in fields(self)), np.zeros(1)))


def costs_of(world: World, loads: Loads, steering: Steering) -> Costs:
    """Costs of loads whose way is settled; those never delivered paid for no truck."""
    rode = np.isfinite(loads.delivered_at)
    usual = np.where(rode, benchmark(world, loads), 0.0)
    speed = np.where(np.isnan(loads.expedited_at), 0.0, COSTS.expedite_share) * loads.price
    return Costs(
        freight=usual,
        premium=np.where(rode, loads.price + speed - usual, 0.0),
        handling=COSTS.handling_per_min * planner_min(steering),
        cancellation=CANCELLATION * steering.lost,
        detention=np.where(rode, detention(loads), 0.0),
        late=np.where(rode, late_cost(world, loads), 0.0),
        fine=np.where(rode, fine(world, loads), 0.0),
        goodwill=np.where(rode & moved(loads), GOODWILL_MIN * late_per_min(world, loads), 0.0),
        action=steering.spent.copy(),
    )


def benchmark(world: World, loads: Loads) -> Floats:
    """What the first carrier of the guide asks on the day of the order."""
    first = np.zeros(len(loads), dtype=np.int64)
    return contract_price(world.guide, world.market, loads.lane, first, world.clock.day(loads.ordered_at))


def planner_min(steering: Steering) -> Floats:
    """Minutes of planners: for offers and for actions."""
    contract = steering.tenders - steering.spot_tenders
    return np.asarray(TENDER_MIN * contract + SPOT_TENDER_MIN * steering.spot_tenders + steering.minutes)


def detention(loads: Loads) -> Floats:
    """Money for hours at both docks beyond the free time."""
    return dwelt(loads.departed_at - loads.loads_from) + dwelt(loads.delivered_at - loads.unloads_from)


def dwelt(minutes: Floats) -> Floats:
    """Money for a stay at a dock."""
    return DETENTION_PER_H * np.maximum(0.0, minutes - FREE_MIN) / HOUR


def late_cost(world: World, loads: Loads) -> Floats:
    """Money for the minutes of lateness; an appointment moved ahead takes away those up to it."""
    beyond = np.maximum(0.0, delay_min(loads) - LATE_AFTER_MIN - MOVED_MIN * moved(loads))
    return np.where(fine_agreed(world, loads) > 0, 0.0, late_per_min(world, loads) * beyond)


def fine(world: World, loads: Loads) -> Floats:
    """Fines for deliveries not on time, in full; an appointment moved ahead counts as agreed."""
    late = delay_min(loads) > LATE_AFTER_MIN + MOVED_MIN * moved(loads)
    return np.where(late | loads.short, fine_agreed(world, loads), 0.0)


def fine_agreed(world: World, loads: Loads) -> Floats:
    """Fine that is agreed for a delivery not on time, in full; 0 where minutes are paid instead."""
    return np.round(world.customers.fine_share[world.lanes.customer[loads.lane]] * loads.value, 2)


def late_per_min(world: World, loads: Loads) -> Floats:
    """Money for a minute of lateness."""
    return world.customers.late_per_min[world.lanes.customer[loads.lane]]
