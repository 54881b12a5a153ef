"""On the road: driving under hours of service, weather and chance, from the dock to the customer's gate."""

import numpy as np

from simulator.flow.conditions import Conditions
from simulator.flow.hours import drivable_min, elapsed_min
from simulator.flow.loads import Loads
from simulator.network.lanes import Lanes
from simulator.network.noise import Floats, Ints
from simulator.network.weather import CELL, cell_between
from simulator.network.world import World

KM_A_MIN = np.array([80.0, 60.0]) / 60.0
"""Speed by mode: trucks, trains with their drayage."""
TERMINAL_MIN = 900.0
"""Usual minutes in a rail terminal; chance makes them longer or shorter."""
USUAL_LOADING_MIN = 120.0
STORM_SLOWS = 0.16
"""Effect of a storm of strength 1 on the logarithm of driving time."""
EXPEDITED = -0.14
"""Effect of a premium service on the logarithm of driving time that is left; its team of drivers needs no rest.

A train's load changes to a truck.
"""
BREAKDOWN_SHARE, BREAKDOWN_MIN = 0.015, 240.0
TRUCK = 0


def drive_min(lanes: Lanes, lane: Ints) -> Floats:
    """Driving time of a lane when all goes well."""
    return lanes.km[lane] / KM_A_MIN[lanes.mode[lane]]


def usual_transit(lanes: Lanes, lane: Ints) -> Floats:
    """Minutes from the appointment at the dock to the gate that a planner reckons with."""
    usual = np.full(len(lane), USUAL_LOADING_MIN)
    return USUAL_LOADING_MIN + on_the_clock(lanes, lane, drive_min(lanes, lane), usual)


def on_the_clock(lanes: Lanes, lane: Ints, driving: Floats, on_duty: Floats) -> Floats:
    """Minutes on the clock of so much driving: a driver rests, a train waits in terminals."""
    truck = lanes.mode[lane] == TRUCK
    return np.where(truck, elapsed_min(driving, on_duty), driving + TERMINAL_MIN)


def fits_in(lanes: Lanes, lane: Ints, clock: Floats, on_duty: Floats) -> Floats:
    """Most driving that fits into so many minutes on the clock: the inverse of :func:`on_the_clock`."""
    truck = lanes.mode[lane] == TRUCK
    return np.where(truck, drivable_min(clock, on_duty), clock - TERMINAL_MIN)


def on_duty_min(loads: Loads) -> Floats:
    """Minutes the driver has been on duty when it leaves the dock."""
    return np.maximum(0.0, loads.departed_at - np.minimum(loads.arrived_at, loads.departed_at))


def storms_on_the_way(world: World, at: Conditions, loads: Loads, departed_at: Floats) -> Floats:
    """Mean strength of storms at origin, half way and destination, each on the day the load is there."""
    origin = world.centres.metro[world.lanes.centre[loads.lane]]
    ends = world.customers.metro[world.lanes.customer[loads.lane]]
    usual = usual_transit(world.lanes, loads.lane)
    days = [world.clock.day(departed_at + share * usual) for share in (0.0, 0.5, 1.0)]
    cells = [CELL[origin], cell_between(origin, ends), CELL[ends]]
    return sum((at.storm(cell, day, loads.key) for cell, day in zip(cells, days, strict=True)), np.zeros(1)) / 3.0


def pace(world: World, loads: Loads) -> tuple[Floats, Floats]:
    """Mean and spread of the logarithm of driving time over the usual, the storms of ``loads`` included."""
    carriers = world.carriers
    mean = carriers.pace[loads.carrier] + world.lanes.slow[loads.lane] + STORM_SLOWS * loads.storm
    return mean, carriers.pace_spread[loads.carrier] * np.where(world.lanes.mode[loads.lane] == TRUCK, 1.0, 1.6)


def broken_down_min(world: World, loads: Loads) -> Floats:
    """Minutes lost to a breakdown, 0 for most."""
    broken = world.noise.uniform("breakdown", loads.key) < BREAKDOWN_SHARE
    return np.where(broken, BREAKDOWN_MIN * world.noise.exponential("breakdown min", loads.key), 0.0)


def drive(world: World, at: Conditions, loads: Loads) -> None:
    """Move loads that have departed to the customer's gate: sets halfway, reached, storm, broken."""
    loads.storm = storms_on_the_way(world, at, loads, loads.departed_at)
    loads.broken_min = broken_down_min(world, loads)
    drive_for(world, loads, driving_min(world, loads))


def driving_min(world: World, loads: Loads) -> Floats:
    """Minutes at the wheel."""
    mean, spread = pace(world, loads)
    return drive_min(world.lanes, loads.lane) * np.exp(mean + spread * world.noise.normal("driving", loads.key))


def drive_for(world: World, loads: Loads, driving: Floats) -> None:
    """Put so much driving on the clock: sets halfway, reached."""
    duty = on_duty_min(loads)
    loads.halfway_at = loads.departed_at + on_the_clock(world.lanes, loads.lane, driving / 2, duty)
    clock = on_the_clock(world.lanes, loads.lane, driving, duty)
    loads.reached_at = loads.departed_at + hurried(world, loads, driving, clock, duty) + loads.broken_min


def hurried(world: World, loads: Loads, driving: Floats, clock: Floats, duty: Floats) -> Floats:
    """Minutes on the clock where a team took over: from then on no rests, and a better pace."""
    since = np.maximum(0.0, loads.expedited_at - loads.departed_at)
    driven = np.clip(fits_in(world.lanes, loads.lane, since, duty), 0.0, driving)
    return np.where(since < clock, since + (driving - driven) * np.exp(EXPEDITED), clock)
