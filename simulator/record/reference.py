"""What systems keep beside the events: sites, carriers, rates, fleet."""

import numpy as np
import pyarrow as pa

from simulator.network.carriers import CHANNELS, EQUIPMENT
from simulator.network.clock import DAY, ZONES
from simulator.network.market import RENEGOTIATED_DAYS
from simulator.network.metros import LAT, LON, ZONE
from simulator.network.noise import Ints
from simulator.network.sites import SHIFTS
from simulator.network.world import World
from simulator.record.labels import Labels
from simulator.record.names import numbered
from simulator.record.text import constant, moments, named, numbers, one_of

CARRIER_KINDS = ("asset", "broker")
ANNOUNCED_DAYS = 14
"""Days before their first that new rates are known."""
VEHICLES_A_CENTRE, DRIVERS_A_CENTRE = 6, 9
MAINTENANCE_H = 10.0


def sites(world: World, labels: Labels) -> pa.Table:
    """Centres with their doors, and customers' sites, with true coordinates."""
    metro = np.concatenate([world.centres.metro, world.customers.metro])
    at_centre = np.arange(len(metro)) < len(world.centres)
    jitter = np.where(at_centre, 0.0, 0.2)
    who = np.arange(len(metro))
    doors = np.concatenate([world.centres.doors, np.full(len(world.customers), -1)])
    none = np.full((len(SHIFTS), len(world.customers)), np.nan)
    picked = np.round(np.concatenate([world.centres.pick_rate, none], axis=1), 1)
    return pa.table(
        {
            "site_id": pa.concat_arrays([labels.centres, labels.customer_sites]),
            "kind": one_of(("distribution centre", "customer"), np.where(at_centre, 0, 1)),
            "lat": numbers(np.round(LAT[metro] + jitter * world.noise.normal("site lat", who), 4)),
            "lon": numbers(np.round(LON[metro] + jitter * world.noise.normal("site lon", who), 4)),
            "timezone": one_of(ZONES, ZONE[metro]),
            "doors": numbers(doors.astype(float), doors < 0),
            **{f"x_pallets_an_hour_{name}": numbers(picked[shift]) for shift, name in enumerate(SHIFTS)},
        }
    )


def carriers(world: World, labels: Labels) -> pa.Table:
    """Carriers with what a shipper knows of them: kind, trailers, how they report."""
    drives = world.carriers.drives
    trailers = [" ".join(name for name, has in zip(EQUIPMENT, row, strict=True) if has) for row in drives]
    return pa.table(
        {
            "carrier_id": labels.carriers,
            "kind": one_of(CARRIER_KINDS, world.carriers.broker.astype(np.int64)),
            "equipment": pa.array(trailers),
            "x_channel": one_of(CHANNELS, world.carriers.channel),
        }
    )


def rates(world: World, labels: Labels) -> pa.Table:
    """Routing guides with their contract prices, quarter by quarter."""
    quarters = np.arange(-(-world.clock.days // RENEGOTIATED_DAYS))
    lane, rank = np.nonzero(world.guide.carrier >= 0)
    lane, rank = np.repeat(lane, len(quarters)), np.repeat(rank, len(quarters))
    quarter = np.tile(quarters, len(lane) // len(quarters))
    carrier = world.guide.carrier[lane, rank]
    since = np.maximum(quarter * RENEGOTIATED_DAYS, world.carriers.since_day[carrier])
    until = (quarter + 1) * RENEGOTIATED_DAYS
    known = np.minimum(since - ANNOUNCED_DAYS, world.clock.days).astype(float) * DAY
    kept = (since < until) & (known < world.clock.days * DAY)
    lane, rank, carrier, since, until, known, quarter = (
        column[kept] for column in (lane, rank, carrier, since, until, known, quarter)
    )
    price = np.round(world.guide.price[lane, rank] * world.market.contract_index[quarter * RENEGOTIATED_DAYS], 2)
    lanes, weekly = world.lanes, world.guide.weekly[lane]
    return pa.table(
        {
            "carrier_id": named(labels.carriers, carrier),
            "origin_id": named(labels.centres, lanes.centre[lane]),
            "destination_id": named(labels.customer_sites, lanes.customer[lane]),
            "equipment": one_of(EQUIPMENT, lanes.equipment[lane]),
            "sequence": numbers(rank + 1.0),
            "price": numbers(price),
            "weekly_commitment": numbers(weekly, (rank > 0) | (weekly == 0)),
            "valid_from": moments(world.clock, since * float(DAY)),
            "valid_until": moments(world.clock, until * float(DAY)),
            "known_at": moments(world.clock, known),
        }
    )


def fleet(world: World, labels: Labels) -> pa.Table:
    """The shipper's own vehicles and drivers at each centre, with shifts and workshop appointments."""
    centres = np.arange(len(world.centres))
    vehicles = _units(world, labels, "vehicle", np.repeat(centres, VEHICLES_A_CENTRE))
    return pa.concat_tables([vehicles, _units(world, labels, "driver", np.repeat(centres, DRIVERS_A_CENTRE))])


def _units(world: World, labels: Labels, kind: str, depot: Ints) -> pa.Table:
    who = np.arange(len(depot))
    workshop = np.floor(world.noise.uniform("workshop", who) * world.clock.days) * DAY + 8 * 60.0
    away = np.full(len(depot), np.nan) if kind == "driver" else workshop
    return pa.table(
        {
            "unit_id": numbered(kind.upper(), len(depot)),
            "kind": constant(kind, len(depot)),
            "depot_id": named(labels.centres, depot),
            "shift": one_of(SHIFTS, who % len(SHIFTS)),
            "maintenance_from": moments(world.clock, away),
            "maintenance_until": moments(world.clock, away + MAINTENANCE_H * 60),
        }
    )
