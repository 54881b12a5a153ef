"""The independent verifier of fleet plans: plain Python that lives through every unit's days minute by minute.

It shares no code with networks, flows or models; hours of service are reckoned here a second time.
"""

from collections import Counter
from collections.abc import Iterator

from domain.errors import PlanRejected
from optimization.fleet.problem import Driver, FleetProblem, Unit, Vehicle
from optimization.fleet.solution import FleetPlan, Step


def verify_fleet(problem: FleetProblem, plan: FleetPlan) -> None:
    """Recompute the cost, and check every unit's days and what they serve.

    Raises
    ------
    PlanRejected
        Naming the unit and the rule, the site and shift, or the misstated cost.
    """
    if {unit.unit_id for unit in problem.units} != set(plan.itineraries):
        raise PlanRejected("the plan is for other units than the problem has")
    for unit in problem.units:
        _live(problem, unit, plan.itineraries[unit.unit_id])
    _check_pairs(problem, plan)
    cost = _moves_cost(problem, plan) + sum(_unmet(problem, plan))
    certificate = plan.certificate
    if cost != certificate.objective_cents:
        raise PlanRejected(f"the fleet plan states {certificate.objective_cents} cents but costs {cost}")
    if certificate.bound_cents > cost:
        raise PlanRejected(f"the bound of {certificate.bound_cents} cents lies above the cost of {cost}")


def _live(problem: FleetProblem, unit: Unit, steps: tuple[Step, ...]) -> None:
    """One unit's days: where it is, when it is free again, how much it has driven and been on duty."""
    place, free, moves, duty = unit.place, unit.free_from_min, 0, 0
    for step in steps:
        begin = problem.shifts[step.shift].from_min
        _expect(step.site_id == place, unit, f"is at {place!r}, not at {step.site_id!r}, in shift {step.shift}")
        _expect(begin >= free, unit, f"is not free before minute {free}, but shift {step.shift} begins at {begin}")
        until, on_duty = _spent(problem, unit, step)
        if step.kind in ("move", "ride"):
            moves += 1
            _expect(until <= problem.shifts[-1].until_min, unit, "is still on its way when the last shift ends")
            region = {site.site_id: site.region for site in problem.sites}[step.to_site_id]
            _expect(not unit.regions or region in unit.regions, unit, f"has no licence for region {region!r}")
        else:
            _expect(step.to_site_id == place, unit, f"changes its site by {step.kind}")
        place, duty = step.to_site_id, duty + on_duty
        free = until + (problem.hours.rest_min if on_duty else 0)
    if isinstance(unit, Vehicle):
        _check_maintenance(problem, unit, steps)
    _expect(moves <= unit.max_moves, unit, f"moves {moves} times, and may {unit.max_moves} times")
    _expect(place == unit.home or not unit.home_by_end, unit, f"ends at {place!r}, not at home")
    if isinstance(unit, Driver):
        left = problem.hours.max_period_duty_min - unit.duty_used_min
        _expect(duty <= left or not duty, unit, f"is on duty for {duty} min and has {left} left")


def _spent(problem: FleetProblem, unit: Unit, step: Step) -> tuple[int, int]:
    """When a step ends, and a driver's minutes on duty in it."""
    shift = problem.shifts[step.shift]
    if step.kind == "stay":
        return shift.until_min, 0
    if step.kind == "work" and isinstance(unit, Driver):
        return shift.until_min, shift.until_min - shift.from_min
    if step.kind == "move" or (step.kind == "ride" and isinstance(unit, Driver) and problem.ride_cents is not None):
        ids = [site.site_id for site in problem.sites]
        driving = problem.drive_min[ids.index(step.site_id)][ids.index(step.to_site_id)]
        minutes = list(_minutes(problem, driving))
        duty = sum(minute != "rest" for minute in minutes) if isinstance(unit, Driver) else 0
        return shift.from_min + max(1, len(minutes)), duty
    raise PlanRejected(f"unit {unit.unit_id!r} cannot {step.kind}")


def _minutes(problem: FleetProblem, driving: int) -> Iterator[str]:
    """What each minute from departure to arrival is: driving, a break, or rest."""
    hours, wheel, since_break = problem.hours, 0, 0
    for _ in range(driving):
        if wheel == hours.max_driving_min:
            yield from ["rest"] * hours.rest_min
            wheel = since_break = 0
        elif since_break == hours.break_after_min:
            yield from ["break"] * hours.break_min
            since_break = 0
        yield "driving"
        wheel, since_break = wheel + 1, since_break + 1


def _check_maintenance(problem: FleetProblem, vehicle: Vehicle, steps: tuple[Step, ...]) -> None:
    """A vehicle is neither on its way nor anywhere but at home while it is maintained."""
    ends = [*(problem.shifts[step.shift].from_min for step in steps[1:]), problem.shifts[-1].until_min]
    for step, end in zip(steps, ends, strict=False):
        begin = problem.shifts[step.shift].from_min
        arrived = _spent(problem, vehicle, step)[0] if step.kind == "move" else begin
        travels = begin < arrived and _maintained(vehicle, begin, arrived)
        stands = step.to_site_id != vehicle.home and arrived < end and _maintained(vehicle, arrived, end)
        _expect(not (travels or stands), vehicle, f"is not at home for its maintenance in shift {step.shift}")


def _maintained(vehicle: Vehicle, begin: int, end: int) -> bool:
    return any(one.from_min < end and begin < one.until_min for one in vehicle.maintenance)


def _check_pairs(problem: FleetProblem, plan: FleetPlan) -> None:
    """Each vehicle that moves has a driver who leaves with it, and no driver drives without one."""
    if problem.drivers is None:
        return
    moves = [Counter(_moves_of(units, plan)) for units in (problem.vehicles, problem.drivers)]
    for from_site, to_site, shift in sorted({*moves[0], *moves[1]}):
        vehicles, drivers = (count[from_site, to_site, shift] for count in moves)
        if vehicles != drivers:
            raise PlanRejected(
                f"{vehicles} vehicles move from {from_site!r} to {to_site!r} in shift {shift}, but {drivers} drivers do"
            )


def _moves_of(units: tuple[Unit, ...], plan: FleetPlan) -> Iterator[tuple[str, str, int]]:
    for unit in units:
        for step in plan.itineraries[unit.unit_id]:
            if step.kind == "move":
                yield step.site_id, step.to_site_id, step.shift


def _moves_cost(problem: FleetProblem, plan: FleetPlan) -> int:
    """Vehicles' moves and drivers' rides; a driver's drive is paid with the vehicle."""
    ids, cost = [site.site_id for site in problem.sites], 0
    vehicles = {one.unit_id for one in problem.vehicles}
    for unit, step in plan.moves:
        matrix = problem.move_cents if unit in vehicles else problem.ride_cents
        if matrix is not None and (unit in vehicles or step.kind == "ride"):
            cost += matrix[ids.index(step.site_id)][ids.index(step.to_site_id)]
    return cost


def _unmet(problem: FleetProblem, plan: FleetPlan) -> Iterator[int]:
    """Values that are not served, demand by demand."""
    working = Counter(
        (step.site_id, step.shift) for steps in plan.itineraries.values() for step in steps if step.kind == "work"
    )
    told = {(one.site_id, one.shift): one.vehicles for one in plan.served}
    for one in problem.demand:
        at = one.site_id, one.shift
        served = told.pop(at, 0)
        if not 0 <= served <= min(len(one.values_cents), _usable(problem, plan, *at)):
            raise PlanRejected(f"{served} vehicles are said to serve {at[0]!r} in shift {at[1]}, which cannot be")
        if problem.drivers is not None and served != working[at]:
            raise PlanRejected(f"{served} vehicles serve {at[0]!r} in shift {at[1]}, but {working[at]} drivers work")
        yield sum(one.values_cents[served:])
    if any(told.values()):
        raise PlanRejected("vehicles are said to serve where there is no demand")


def _usable(problem: FleetProblem, plan: FleetPlan, site_id: str, shift: int) -> int:
    stay, span = Step("stay", shift, site_id, site_id), problem.shifts[shift]
    return sum(
        stay in plan.itineraries[one.unit_id] and not _maintained(one, span.from_min, span.until_min)
        for one in problem.vehicles
    )


def _expect(holds: bool, unit: Unit, said: str) -> None:
    if not holds:
        raise PlanRejected(f"unit {unit.unit_id!r} {said}")
