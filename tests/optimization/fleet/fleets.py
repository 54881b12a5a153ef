"""Small random fleets, and a brute force that lives through every possible week of every unit."""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from optimization.fleet.hours import EU, US
from optimization.fleet.problem import Demand, Driver, FleetProblem, Site, Vehicle
from optimization.spans import Span

REGIONS = ("north", "south")


def random_fleet(
    seed: int, sites: int = 2, shifts: int = 3, vehicles: int = 2, drivers: int | None = 2, plain: bool = False
) -> FleetProblem:
    """Shifts of 6 or 8 hours with or without gaps, sites an hour to two days apart, rules that sometimes bind."""
    rng = np.random.default_rng(seed)
    length, gap = int(rng.choice([360, 480])), int(rng.choice([0, 240, 480]))
    spans = tuple(Span(k * (length + gap), k * (length + gap) + length) for k in range(shifts))
    names = [f"S{k}" for k in range(sites)]
    road = np.triu(rng.choice([60, 240, 400, 700], (sites, sites)), 1)
    drive = tuple(tuple(int(value) for value in row) for row in road + road.T)
    regions = dict.fromkeys(names, "north") if plain else {name: str(rng.choice(REGIONS)) for name in names}
    money = tuple(tuple(value // 8 for value in row) for row in drive)
    return FleetProblem(
        tuple(Site(name, region) for name, region in regions.items()),
        spans,
        drive,
        money,
        tuple(_vehicle(rng, f"V{k}", regions, shifts, plain) for k in range(vehicles)),
        tuple(
            Demand(name, shift, tuple(sorted(rng.integers(0, 900, rng.integers(0, 3)).tolist(), reverse=True)))
            for name in names[int(rng.integers(0, 2)) :]  # half the time nothing is wanted where the fleet stands
            for shift in range(shifts)
        ),
        None if drivers is None else tuple(_driver(rng, f"D{k}", regions) for k in range(drivers)),
        money if rng.random() < 0.5 else None,
        US if rng.random() < 0.5 else EU,
        work_driving_min=120,
    )


def _vehicle(rng: np.random.Generator, name: str, regions: dict[str, str], shifts: int, plain: bool) -> Vehicle:
    sites = list(regions)
    home = sites[0] if rng.random() < 0.8 else str(rng.choice(sites))
    if plain:
        return Vehicle(name, home, max_moves=shifts, free_from_min=int(rng.choice([0, 0, 100])))
    begin = int(rng.integers(0, 1500))
    at = str(rng.choice(sites)) if rng.random() < 0.2 else home
    return Vehicle(
        name,
        home,
        at=at,
        regions=frozenset() if rng.random() < 0.7 else frozenset({regions[at]}),
        max_moves=int(rng.integers(0, 3)),
        home_by_end=bool(rng.random() < 0.3),
        maintenance=(Span(begin, begin + int(rng.integers(60, 500))),) if rng.random() < 0.3 else (),
    )


def _driver(rng: np.random.Generator, name: str, regions: dict[str, str]) -> Driver:
    sites = list(regions)
    home = sites[0] if rng.random() < 0.7 else str(rng.choice(sites))
    return Driver(
        name,
        home,
        regions=frozenset() if rng.random() < 0.7 else frozenset({regions[home]}),
        max_moves=int(rng.integers(1, 3)),
        home_by_end=bool(rng.random() < 0.5),
        free_from_min=int(rng.choice([0, 0, 300])),
        duty_used_min=int(rng.choice([0, 3_400])),
    )


def brute_force(problem: FleetProblem) -> int | None:
    """Least cost over every combination of what the units can do; ``None`` where none is allowed."""
    vehicles = _sides(problem, problem.vehicles)
    drivers = None if problem.drivers is None else _sides(problem, problem.drivers)
    costs = []
    for moves, standing, cost in vehicles:
        if drivers is None:
            costs.append(cost + _unmet(problem, standing, standing))
            continue
        for driven, working, rides in drivers:
            if driven == moves and (unmet := _unmet(problem, standing, working, exact=True)) is not None:
                costs.append(cost + rides + unmet)
    return min((cost for cost in costs if cost is not None), default=None)


def _sides(problem: FleetProblem, units: Any) -> list[tuple[Any, Counter[Any], int]]:
    """Moves, counts by (site, shift) and cost of every combination of the units' weeks."""
    combined = []
    for weeks in itertools.product(*(list(_weeks(problem, unit)) for unit in units)):
        moves = sorted(move for week in weeks for move in week[0])
        there = Counter(at for week in weeks for at in week[1])
        combined.append((moves, there, sum(week[2] for week in weeks)))
    return combined


def _unmet(problem: FleetProblem, standing: Counter[Any], working: Counter[Any], exact: bool = False) -> Any:
    total, places = 0, set()
    for one in problem.demand:
        at = one.site_id, one.shift
        places.add(at)
        served = min(len(one.values_cents), standing[at]) if not exact else working[at]
        if served > min(len(one.values_cents), standing[at]):
            return None
        total += sum(one.values_cents) - sum(one.values_cents[:served])
    return None if exact and any(at not in places for at in working) else total


def _weeks(problem: FleetProblem, unit: Any) -> Iterator[tuple[list[Any], list[Any], int]]:
    """Each way to spend the horizon: (moves, where it stands or works, cost)."""
    for days in _days(problem, unit, unit.home if not unit.at else unit.at, 0, unit.free_from_min, 0, 0):
        moves, there, cost, place = days
        if place == unit.home or not unit.home_by_end:
            yield moves, there, cost


def _days(problem: FleetProblem, unit: Any, place: str, shift: int, free: int, moved: int, duty: int) -> Iterator[Any]:
    """What can be done from a shift on: nothing, something at the place, or a journey."""
    if shift == len(problem.shifts):
        yield [], [], 0, place
        return
    begin, end = problem.shifts[shift].from_min, problem.shifts[shift].until_min
    gap_end = problem.shifts[shift + 1].from_min if shift + 1 < len(problem.shifts) else end
    vehicle = isinstance(unit, Vehicle)
    maintained = {m for one in unit.maintenance for m in range(one.from_min, one.until_min)} if vehicle else set()
    used = 0 if vehicle else unit.duty_used_min
    away = place != unit.home and maintained & set(range(begin, gap_end)) if begin >= free else False
    if not away:
        counts = [(place, shift)] if vehicle and begin >= free and not maintained & set(range(begin, end)) else []
        for moves, there, cost, at in _days(problem, unit, place, shift + 1, free, moved, duty):
            yield moves, counts + there, cost, at
    if begin < free:
        return
    if not vehicle and duty + end - begin + used <= problem.hours.max_period_duty_min:
        rested = end + problem.hours.rest_min
        for moves, there, cost, at in _days(problem, unit, place, shift + 1, rested, moved, duty + end - begin):
            yield moves, [(place, shift), *there], cost, at
    yield from _journeys(problem, unit, place, shift, moved, duty)


def _journeys(problem: FleetProblem, unit: Any, place: str, shift: int, moved: int, duty: int) -> Iterator[Any]:
    """The days that begin with a journey."""
    begin, vehicle = problem.shifts[shift].from_min, isinstance(unit, Vehicle)
    maintained = {m for one in unit.maintenance for m in range(one.from_min, one.until_min)} if vehicle else set()
    used = 0 if vehicle else unit.duty_used_min
    names = [site.site_id for site in problem.sites]
    for other in names if moved < unit.max_moves else []:
        a, b = names.index(place), names.index(other)
        minutes, on_duty = journey(problem, problem.drive_min[a][b])
        arrive = begin + minutes
        until_next = min(
            [s.from_min for s in problem.shifts if s.from_min >= arrive], default=problem.shifts[-1].until_min
        )
        busy = set(range(begin, arrive if other == unit.home else until_next))
        region = problem.sites[b].region
        if other == place or arrive > problem.shifts[-1].until_min or busy & maintained:
            continue
        if unit.regions and region not in unit.regions:
            continue
        if not vehicle and duty + on_duty + used > problem.hours.max_period_duty_min:
            continue
        rested = arrive if vehicle else arrive + problem.hours.rest_min
        for moves, there, cost, at in _days(problem, unit, other, shift + 1, rested, moved + 1, duty + on_duty):
            yield [(place, other, shift), *moves], there, cost + (problem.move_cents[a][b] if vehicle else 0), at
            if not vehicle and problem.ride_cents is not None:
                yield moves, there, cost + problem.ride_cents[a][b], at


def journey(problem: FleetProblem, driving: int) -> tuple[int, int]:
    """Minutes from door to door, and of them on duty: stretch by stretch to the next break, rest or arrival."""
    hours, clock, duty, wheel, stretch = problem.hours, 0, 0, 0, 0
    while driving:
        go = min(driving, hours.max_driving_min - wheel, hours.break_after_min - stretch)
        clock, duty, driving, wheel, stretch = clock + go, duty + go, driving - go, wheel + go, stretch + go
        if driving and wheel == hours.max_driving_min:
            clock, wheel, stretch = clock + hours.rest_min, 0, 0
        elif driving and stretch == hours.break_after_min:
            clock, duty, stretch = clock + hours.break_min, duty + hours.break_min, 0
    return clock, duty
