"""The clairvoyant: a lower bound, load by load, on what any policy can have paid.

**Claim.** Let a way be anything that can happen to a load under actions of :mod:`simulator.whatif.actions`, in any
interplay with other loads, with all offers and its arrival at the dock before ``until`` and at most ``most_tenders``
offers. Then its total cost is at least :func:`lower_bounds`.

**Why.** The total is a sum of parts, and each part is at least its least value over a set that contains the way; the
sum of the least values is then at most the total.

- *Truck.* A load that rides was taken by an entry of the guide under contract, by somebody at a spot price, or by the
  own fleet. The steering never offers below what is asked. An entry of the guide takes an offer only if its utility,
  plus its chance, which is the same on every day, is positive. Utility is highest with an empty book
  (:class:`Relaxed`), and with the pickup as late as possible; the price enters it with a slope of at most
  ``FOR_PRICE`` per unit of its logarithm. So on a given day no price below *asked · exp(shortage / FOR_PRICE)* is
  accepted. The least of these is taken over days and entries; a spot price over days and offers, as if all were
  accepted. Speed, cancellations and goodwill cost 0 or more.
- *Docks.* Loading takes longest with a crowd and never less than without one; the least is taken over days and
  shifts. Unloading takes what it takes.
- *Customer.* Nobody is unloaded before the window opens, so delivery is not before ``window_from`` plus unloading;
  costs of lateness rise with delivery. The least is taken of telling the customer and of not telling.
- *Planners.* One offer at least, or the shift of a vehicle.

A load that the shipper cancels may cost nothing: its bound is 0. The bound relaxes all capacities, and lets each part
have its own best choice: it need not be attainable.
"""

from dataclasses import dataclass

import numpy as np

from simulator.flow.conditions import Actual
from simulator.flow.docks import LOADING_SPREAD, SHORT_SHARE, loading_mean, unloading_min
from simulator.flow.loads import Loads
from simulator.flow.promises import LATE_AFTER_MIN, MOVED_MIN, planned_delivery_at
from simulator.flow.tendering import utility
from simulator.flow.waterfall import spot_price
from simulator.network.clock import DAY, HOUR
from simulator.network.guide import DEPTH, contract_price
from simulator.network.noise import Floats, Ints
from simulator.network.standing import FOR_PRICE
from simulator.network.world import World
from simulator.whatif.actions import COSTS, WORK_MIN, Kind, vehicle_price
from simulator.whatif.answer import alone
from simulator.whatif.costs import GOODWILL_MIN, SPOT_TENDER_MIN, TENDER_MIN, dwelt, fine_agreed, late_per_min

CENT = 0.01
"""Prices are rounded to it."""


@dataclass(frozen=True)
class Relaxed(Actual):
    """Surroundings in which every carrier has room and the docks are empty."""

    def booked(self, carrier: Ints, day: Ints, key: Ints) -> Floats:
        """Nothing."""
        return np.zeros(np.broadcast_shapes(np.shape(carrier), np.shape(day)))

    def crowd(self, centre: Ints, ready_at: Floats, key: Ints) -> Floats:
        """Nobody."""
        return np.zeros(np.shape(centre))


def lower_bounds(world: World, loads: Loads, until: Floats, most_tenders: Ints) -> Floats:
    """Least total cost that any way can have, money, shape (n,).

    Parameters
    ----------
    world
        With the own fleet.
    loads
        n loads as they were released.
    until
        (n,) minutes since the start: offers, and the arrival at the dock, are not later.
    most_tenders
        (n,) most offers.
    """
    at = Relaxed(world, alone(world, loads).books)
    bound = least_truck(world, at, loads, until, most_tenders) + least_loading(world, at, loads, until)
    bound = bound + dwelt(unloading_min(world, loads)) + least_lateness(world, loads)
    return np.where(np.isfinite(loads.cancels_at), 0.0, bound)


def least_truck(world: World, at: Relaxed, loads: Loads, until: Floats, most_tenders: Ints) -> Floats:
    """Least price of a truck, with the work to get it."""
    least = vehicle_price(world, loads) + COSTS.handling_per_min * WORK_MIN[Kind.SHIFT_CAPACITY]
    contract, spot = COSTS.handling_per_min * TENDER_MIN, COSTS.handling_per_min * SPOT_TENDER_MIN
    for rows, moment in _days(loads, until):
        some = loads[rows]
        some.ready_at = until[rows]
        least[rows] = np.minimum(least[rows], contract + _least_contract(world, at, some, moment))
        least[rows] = np.minimum(least[rows], spot + _least_spot(world, some, moment, most_tenders[rows]))
    return least - CENT


def _days(loads: Loads, until: Floats) -> list[tuple[Ints, Floats]]:
    """Days on which each load may be offered or arrive: rows, and the first moment of the day that counts."""
    first, last = loads.released_at // DAY, until // DAY
    days = [np.flatnonzero((first <= day) & (day <= last)) for day in range(int(first.min()), int(last.max()) + 1)]
    moments = [np.maximum(loads.released_at, day * DAY) for day in range(int(first.min()), int(last.max()) + 1)]
    return [(rows, moment[rows]) for rows, moment in zip(days, moments, strict=True) if len(rows)]


def _least_contract(world: World, at: Relaxed, loads: Loads, moment: Floats) -> Floats:
    """Least price at which an entry of the guide would take the load on a day; infinite under no contract."""
    least, day = np.full(len(loads), np.inf), world.clock.day(moment)
    for rank in range(DEPTH):
        carrier = world.guide.carrier[loads.lane, rank]
        there = (carrier >= 0) & (world.carriers.since_day[carrier] <= day) & ~loads.spot_only
        loads.rank = np.full(len(loads), rank)
        asked = np.where(there, contract_price(world.guide, world.market, loads.lane, loads.rank, day), 1.0)
        value = utility(world, at, loads, carrier, asked, np.ones(len(loads), dtype=bool), moment)
        short = np.maximum(0.0, -value - world.noise.normal("response", loads.key, carrier))
        least = np.where(there, np.minimum(least, asked * np.exp(np.minimum(short / FOR_PRICE, 50.0))), least)
    return least


def _least_spot(world: World, loads: Loads, moment: Floats, most_tenders: Ints) -> Floats:
    """Least price that the spot market asks on a day, at any of the offers."""
    least = np.full(len(loads), np.inf)
    for sequence in range(int(most_tenders.max(initial=0))):
        loads.sequence = np.full(len(loads), sequence)
        least = np.where(sequence < most_tenders, np.minimum(least, spot_price(world, loads, moment)), least)
    return least


def least_loading(world: World, at: Relaxed, loads: Loads, until: Floats) -> Floats:
    """Least money for loading: an empty dock, and the best shift and crew of the days."""
    least = np.full(len(loads), np.inf)
    chance = LOADING_SPREAD * world.noise.normal("loading", loads.key)
    for rows, moment in _days(loads, until + DAY):
        some = loads[rows]
        some.crowd = np.zeros(len(rows))
        for hour in range(0, 24, 4):
            some.arrived_at = np.floor(moment / DAY) * DAY + hour * HOUR
            minutes = HOUR * np.exp(loading_mean(world, at, some) + chance[rows])
            least[rows] = np.minimum(least[rows], dwelt(minutes))
    return least


def least_lateness(world: World, loads: Loads) -> Floats:
    """Least money for a delivery as early as the window allows, and for goods that are short in any case."""
    delay = loads.window_from + unloading_min(world, loads) - planned_delivery_at(loads) - LATE_AFTER_MIN
    fined, per_min = fine_agreed(world, loads), late_per_min(world, loads)
    minutes = np.where(fined > 0, 0.0, per_min)
    shares = SHORT_SHARE + world.patterns.shift_short[world.lanes.centre[loads.lane]].min(axis=1)
    short = world.noise.uniform("short", loads.key) < shares
    silent = np.where((delay > 0) | short, fined, 0.0) + minutes * np.maximum(0.0, delay)
    beyond = delay - MOVED_MIN
    told = np.where((beyond > 0) | short, fined, 0.0) + minutes * np.maximum(0.0, beyond)
    told = told + GOODWILL_MIN * per_min + COSTS.notify
    return np.minimum(silent, told)
