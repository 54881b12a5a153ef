"""At the dock: arrival, loading and unloading, and how long it takes when it is busy."""

import numpy as np

from simulator.flow.conditions import Conditions
from simulator.flow.loads import Loads
from simulator.network.carriers import EQUIPMENT
from simulator.network.clock import HOUR
from simulator.network.noise import Floats, Ints
from simulator.network.sites import PICK_RATE, shift_of
from simulator.network.world import World

LOADING_H = 1.45
UNLOADING_H = 1.38
"""Median hours at the dock of the centre, and at the customer's."""
REEFER_SLOWS = 0.28
PICKING_SLOWS = 0.42
"""Effect on the logarithm of loading time of a shift that picks more slowly than the usual day shift."""
CROWD_SLOWS, CROWD_FROM = 0.40, 1.0
"""Effect on the logarithm of loading time of pickups beyond a share of what the doors turn, and that share."""
LOADING_SPREAD, UNLOADING_SPREAD = 0.54, 0.61
EARLY_MIN, PUNCTUAL_SPREAD_MIN = 20.0, 22.0
STRAY_SHARE, STRAY_MIN = 0.035, 150.0
"""Share of pickups to which a truck strays in late, and how late on average."""
SHORT_SHARE = 0.075
SQUEEZED_MIN = 45.0
"""Mean wait of a truck that comes after its window, for a gap between others."""
QUEUES_SHARE, QUEUES_MIN = 0.18, (90.0, 150.0)
"""Share of trucks that wait for a door at the customer's although they are on time, and how long."""
REEFER = EQUIPMENT.index("reefer")


def arrive(world: World, loads: Loads) -> None:
    """Trucks arrive at the centre: sets arrived."""
    lateness = world.carriers.late_min[loads.carrier] - EARLY_MIN
    lateness = lateness + PUNCTUAL_SPREAD_MIN * world.noise.normal("punctual", loads.key)
    strays = world.noise.uniform("strays", loads.key) < STRAY_SHARE
    stray = np.where(strays, STRAY_MIN * world.noise.exponential("stray min", loads.key), 0.0)
    loads.arrived_at = np.maximum(loads.ready_at + lateness + stray, loads.covered_at + 30.0)


def load_trucks(world: World, at: Conditions, loads: Loads) -> None:
    """Trucks that arrived are loaded and depart: sets crowd, departed, short."""
    centre = world.lanes.centre[loads.lane]
    shift = shift_at(world, loads.arrived_at, loads.lane)
    loads.crowd = at.crowd(centre, loads.ready_at, loads.key)
    hours = np.exp(loading_mean(world, at, loads) + LOADING_SPREAD * world.noise.normal("loading", loads.key))
    loads.departed_at = loads.loads_from + HOUR * hours
    share = SHORT_SHARE + world.patterns.shift_short[centre, shift]
    loads.short = world.noise.uniform("short", loads.key) < share


def loading_mean(world: World, at: Conditions, loads: Loads) -> Floats:
    """Mean of the logarithm of loading hours, for loads whose arrival and crowd are set."""
    centre = world.lanes.centre[loads.lane]
    return loading_known(world, loads) + at.crew(centre, world.clock.day(loads.arrived_at), loads.key)


def loading_known(world: World, loads: Loads) -> Floats:
    """The same without the crew of the day, which nobody records."""
    centre = world.lanes.centre[loads.lane]
    shift = shift_at(world, loads.arrived_at, loads.lane)
    crowd = CROWD_SLOWS * np.clip(loads.crowd - CROWD_FROM, 0.0, 2.0)
    picking = PICKING_SLOWS * np.log(PICK_RATE[0] / world.centres.pick_rate[shift, centre])
    return np.log(LOADING_H) + world.patterns.shift_slow[centre, shift] + picking + crowd + _reefer(world, loads)


def unload(world: World, loads: Loads) -> None:
    """Trucks at the gate wait for their window, for a door or a gap, and are unloaded: sets delivered."""
    loads.delivered_at = loads.unloads_from + squeezed_min(world, loads) + unloading_min(world, loads)


def squeezed_min(world: World, loads: Loads) -> Floats:
    """Wait for a door, and of a truck that came after its agreed window for a gap."""
    gap = SQUEEZED_MIN * world.noise.exponential("squeezed", loads.key)
    queued = world.noise.uniform("queues", loads.key) / QUEUES_SHARE
    door = np.where(queued < 1.0, QUEUES_MIN[0] + (QUEUES_MIN[1] - QUEUES_MIN[0]) * queued, 0.0)
    return np.where(loads.reached_at > loads.agreed_until, gap, 0.0) + door


def unloading_min(world: World, loads: Loads) -> Floats:
    """Minutes of unloading."""
    chance = UNLOADING_SPREAD * world.noise.normal("unloading", loads.key)
    return HOUR * np.exp(unloading_mean(world, loads) + chance)


def unloading_mean(world: World, loads: Loads) -> Floats:
    """Mean of the logarithm of unloading hours."""
    return np.log(UNLOADING_H) + world.customers.slow[world.lanes.customer[loads.lane]] + _reefer(world, loads)


def shift_at(world: World, minutes: Floats, lane: Ints) -> Ints:
    """Warehouse shift of a moment at the centre where a lane starts."""
    return shift_of(world.clock.local_minute(minutes, world.origin_zone(lane)))


def _reefer(world: World, loads: Loads) -> Floats:
    return np.where(world.lanes.equipment[loads.lane] == REEFER, REEFER_SLOWS, 0.0)
