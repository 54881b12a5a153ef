"""What is known of the days to come and of the outside: capacity a week ahead, the market and the weather by day."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.codes import CAPACITY_KINDS
from simulator.flow.conditions import carrier_loads_a_day, doors_turn
from simulator.network.clock import DAY, HOUR
from simulator.network.lanes import BUSINESS_UNITS
from simulator.network.noise import Floats, Ints
from simulator.network.sites import CLOSES_MIN, OPENS_MIN, SHIFTS
from simulator.network.weather import CELL, COLUMNS, ROWS
from simulator.network.world import World
from simulator.record.labels import Labels
from simulator.record.reference import DRIVERS_A_CENTRE, VEHICLES_A_CENTRE
from simulator.record.text import moments, named, numbers, one_of

AHEAD_DAYS = 7
PUBLISHED_MIN = 5.0
"""Minutes after midnight (UTC) at which readings of the morning are out."""
PLANNED_RANKS = 3
"""Entries of a routing guide for which carriers name a weekly capacity."""
LANE_ROOM, LANE_ROOM_LEAST = 1.6, 2.0
"""Loads that a carrier takes on a lane over its share, and at least."""
BUDGET_A_LOAD = 14.0
"""Premium freight a business unit may spend, per load that it ships."""
REVIEW_MIN_A_LOAD = 1.2
TEAMS = ("day team", "evening team")
TEAM_SHARE = (0.7, 0.3)
OFFICE_FROM_H, OFFICE_H = 12, 8
"""Hour (UTC) at which the first team begins, and hours until the next takes over."""
READINGS = ("market_level", "spot_ratio", "weather_index")


def signals(world: World, labels: Labels, first: int, last: int) -> pa.Table:
    """Readings of days ``first`` ≤ day < ``last``.

    The level of the market at each centre (of the day before), the spot price over the contract price, and the
    weather of the day at every centre, customer and cell of the map.
    """
    days = np.arange(first, last)
    places = pa.concat_arrays([labels.centres, labels.customer_sites, _cell_names()])
    cells = np.concatenate([CELL[world.centres.metro], CELL[world.customers.metro], np.arange(ROWS * COLUMNS)])
    day, centre = _crossed(days, len(world.centres))
    before = np.maximum(day - 1, 0)
    level = world.market.tightness(before, world.centres.region[centre])
    weather_day, place = _crossed(days, len(cells))
    weather = world.weather.field[weather_day, cells[place]]
    parts = (
        (0, centre, day, level),
        (1, centre, day, world.market.spot_ratio[before]),
        (2, place, weather_day, weather),
    )
    return pa.concat_tables([_readings(world, places, *part) for part in parts])


def _readings(world: World, places: pa.Array, name: int, place: Ints, day: Ints, value: Floats) -> pa.Table:
    observed = day * float(DAY)
    return pa.table(
        {
            "place_id": named(places, place),
            "name": one_of(READINGS, np.full(len(place), name)),
            "value": numbers(value),
            "observed_at": moments(world.clock, observed),
            "known_at": moments(world.clock, observed + PUBLISHED_MIN),
        }
    ).cast(_READING)


_READING = pa.schema(
    [
        ("place_id", pa.string()), ("name", pa.string()), ("value", pa.float64()),
        ("observed_at", pa.timestamp("us", tz="UTC")), ("known_at", pa.timestamp("us", tz="UTC")),
    ]
)  # fmt: skip


def _cell_names() -> pa.Array:
    return pa.array([f"CELL{row}{column:02d}" for row in range(ROWS) for column in range(COLUMNS)])


def capacity(world: World, labels: Labels, first: int, last: int) -> pa.Table:
    """What is available in periods that become known on days ``first`` ≤ day < ``last``."""
    days = np.arange(first + AHEAD_DAYS, last + AHEAD_DAYS) if first else np.arange(0, last + AHEAD_DAYS)
    parts = [
        _docks(world, labels, days),
        *(_own(world, labels, days, *kind) for kind in ((2, VEHICLES_A_CENTRE), (3, DRIVERS_A_CENTRE))),
        _reviews(world, days),
        _lane_weeks(world, labels, days[world.clock.weekday[days] == 0]),
        _budgets(world, days[[world.clock.dates[day].day == 1 for day in days]]),
    ]
    return pa.concat_tables(parts, promote_options="permissive")


def _docks(world: World, labels: Labels, days: Ints) -> pa.Table:
    """Loads that a centre's doors turn in each hour they are open."""
    hours = np.arange(OPENS_MIN // HOUR, CLOSES_MIN // HOUR)
    day, centre, hour = (a.ravel() for a in np.meshgrid(days, np.arange(len(world.centres)), hours, indexing="ij"))
    opens = day * DAY + hour * HOUR - world.clock.offset_min[world.centres.zone[centre], day]
    turned = np.floor(doors_turn(world))[centre]
    return _rows(world, 1, day, turned, opens, opens + HOUR, "loads", site_id=named(labels.centres, centre))


def _own(world: World, labels: Labels, days: Ints, kind: int, units: int) -> pa.Table:
    """The shipper's own units by depot and shift of eight hours."""
    grid = np.meshgrid(days, np.arange(len(world.centres)), np.arange(len(SHIFTS)), indexing="ij")
    day, centre, shift = (a.ravel() for a in grid)
    starts = day * DAY + (6 + 8 * shift) * HOUR - world.clock.offset_min[world.centres.zone[centre], day]
    away = world.noise.uniform("units away", day, centre, shift, kind) < 0.3
    amount = units // len(SHIFTS) - away
    return _rows(world, kind, day, amount, starts, starts + 8 * HOUR, "units", depot_id=named(labels.centres, centre))


def _reviews(world: World, days: Ints) -> pa.Table:
    """Minutes that planners have for reviews, by team and day."""
    day, team = _crossed(days, len(TEAMS))
    minutes = np.round(REVIEW_MIN_A_LOAD * world.params.a_year / 365.0 * np.array(TEAM_SHARE)[team])
    quiet = np.where(world.clock.weekday[day] >= 5, 0.5, 1.0)
    starts = day * float(DAY) + HOUR * (OFFICE_FROM_H + OFFICE_H * team)
    return _rows(
        world, 5, day, np.ceil(minutes * quiet), starts, starts + OFFICE_H * HOUR, "min", team=one_of(TEAMS, team)
    )


def _lane_weeks(world: World, labels: Labels, mondays: Ints) -> pa.Table:
    """Loads that the first carriers of each regular lane's guide take in a week."""
    regular = np.flatnonzero(~world.lanes.sporadic)
    day, lane, rank = (a.ravel() for a in np.meshgrid(mondays, regular, np.arange(PLANNED_RANKS), indexing="ij"))
    carrier = world.guide.carrier[lane, rank]
    there = (carrier >= 0) & (world.carriers.since_day[carrier] <= day)
    day, lane, rank, carrier = day[there], lane[there], rank[there], carrier[there]
    spare = np.exp(0.3 * world.noise.normal("lane room", day, lane, rank))
    share = world.lanes.a_day[lane] * 7 * np.where(rank == 0, 1.0, 0.4) * LANE_ROOM * spare
    amount = np.maximum(np.floor(np.minimum(share, 7 * carrier_loads_a_day(world)[carrier])), LANE_ROOM_LEAST)
    starts = day * float(DAY)
    return _rows(
        world, 0, day, amount, starts, starts + 7 * DAY, "loads",
        carrier_id=named(labels.carriers, carrier), origin_id=named(labels.centres, world.lanes.centre[lane]),
        destination_id=named(labels.customer_sites, world.lanes.customer[lane]), nth=world.lanes.equipment[lane],
    )  # fmt: skip


def _budgets(world: World, firsts: Ints) -> pa.Table:
    """Premium freight that each business unit may spend in a month."""
    day, unit = _crossed(firsts, len(BUSINESS_UNITS))
    loads = np.bincount(world.lanes.unit, world.lanes.a_day, len(BUSINESS_UNITS))[unit] * 30.4
    ends = np.array([_days_of_month(world, start) for start in day], dtype=float)
    starts = day * float(DAY)
    return _rows(
        world, 4, day, np.round(BUDGET_A_LOAD * loads), starts, starts + ends * DAY, "money",
        business_unit=one_of(BUSINESS_UNITS, unit),
    )  # fmt: skip


def _days_of_month(world: World, day: int) -> int:
    date = world.clock.dates[day]
    following = date.replace(year=date.year + date.month // 12, month=date.month % 12 + 1)
    return (following - date).days


def _rows(
    world: World, kind: int, day: Ints, amount: Floats | Ints, starts: Floats, ends: Floats, unit: str,
    nth: Ints | None = None, **whose: pa.Array,
) -> pa.Table:  # fmt: skip
    """Rows of the table ``capacity``; a resource is named for its kind and whose it is, a period by its start."""
    text = {name: column.cast(pa.string()) for name, column in whose.items()}
    parts = [pa.array([CAPACITY_KINDS[kind]] * len(day), pa.string()), *text.values()]
    if nth is not None:
        parts.append(pa.array(nth).cast(pa.string()))
    known = np.maximum(day - AHEAD_DAYS, 0) * float(DAY)
    return pa.table(
        {
            "resource_id": pc.binary_join_element_wise(*parts, ":"),
            "kind": one_of(CAPACITY_KINDS, np.full(len(day), kind)).cast(pa.string()),
            "amount": numbers(amount),
            **text,
            "from_at": moments(world.clock, starts),
            "until_at": moments(world.clock, ends),
            "unit": pa.array([unit] * len(day), pa.string()),
            "known_at": moments(world.clock, known),
        }
    )


def _crossed(days: Ints, count: int) -> tuple[Ints, Ints]:
    return np.repeat(days, count), np.tile(np.arange(count), len(days))
