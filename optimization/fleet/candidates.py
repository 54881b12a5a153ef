"""What a plan of the fleet offers the joint plan: a case of its own for each shift that is paid once.

Amounts may not be negative, so a shift cannot "give" capacity. Instead the capacity with every shift counts as there,
and a case ``fleet:…`` holds back what a shift would bring: its candidate "stay" uses those units, "shift" uses the
units that the shifted vehicle leaves behind, and costs the relocation (docs/decisions/0030).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from optimization.fleet.problem import FleetProblem, Vehicle
from optimization.fleet.shift_fleet import shift_fleet
from optimization.fleet.solution import FleetPlan, Step
from optimization.joining import Extra

SHIFT = "shift_capacity"
At = tuple[str, int]
"""Site and shift."""


@dataclass(frozen=True)
class ShiftOffer:
    """A shift that is taken whole or not at all.

    Attributes
    ----------
    name
        Of the vehicle, or of all that are shifted together.
    cost_cents
        Paid once.
    brings, leaves
        Vehicles that can be used more, and fewer, by site and shift.
    """

    name: str
    cost_cents: int
    brings: Mapping[At, int]
    leaves: Mapping[At, int]


def offers(problem: FleetProblem, plan: FleetPlan) -> tuple[ShiftOffer, ...]:
    """Say what a plan shifts, against the fleet where it is.

    With drivers always at hand each vehicle is an offer of its own. Where drivers count, one works here because
    another drives there: their days hang together, and all of it is one offer.

    Raises
    ------
    BadProblem
        If the fleet cannot stay where it is.
    """
    if not plan.moves:
        return ()
    still = stay(problem)
    if problem.drivers is not None:
        paid = plan.certificate.objective_cents - _unmet(problem, plan)
        return (_offer("together", paid, _served(still), _served(plan)),)
    return tuple(
        _offer(
            one.unit_id,
            _relocation(problem, plan.itineraries[one.unit_id]),
            *(Counter(_stands(problem, told, one)) for told in (still, plan)),
        )
        for one in problem.vehicles
        if one.unit_id in {unit for unit, _ in plan.moves}
    )


def stay(problem: FleetProblem) -> FleetPlan:
    """Plan the same fleet without a move."""
    still = tuple(replace(one, max_moves=0) for one in problem.vehicles)
    drivers = None if problem.drivers is None else tuple(replace(one, max_moves=0) for one in problem.drivers)
    return shift_fleet(replace(problem, vehicles=still, drivers=drivers))


def usable(problem: FleetProblem, plan: FleetPlan) -> Counter[At]:
    """Count the vehicles of a problem that a plan has standing ready, by site and shift."""
    return Counter(at for one in problem.vehicles for at in _stands(problem, plan, one))


def _stands(problem: FleetProblem, plan: FleetPlan, vehicle: Vehicle) -> Iterator[At]:
    for step in plan.itineraries[vehicle.unit_id]:
        maintained = any(problem.shifts[step.shift].meets(span) for span in vehicle.maintenance)
        if step.kind == "stay" and not maintained:
            yield step.site_id, step.shift


def to_extra(made: ShiftOffer, resource_of: Mapping[At, str]) -> Extra:
    """Build the case of an offer.

    Parameters
    ----------
    resource_of
        (site, shift) → the joint problem's resource whose upper limit is the vehicles usable there without a shift;
        others are of no matter to it.
    """
    case = f"fleet:{made.name}"
    stays, shifts = f"{case}/stay", f"{case}/{SHIFT}"
    brings = {resource_of[at]: units for at, units in made.brings.items() if at in resource_of}
    leaves = {resource_of[at]: units for at, units in made.leaves.items() if at in resource_of}
    return Extra(
        ((case, stays, 0), (case, shifts, made.cost_cents)),
        (
            *((stays, name, units) for name, units in sorted(brings.items())),
            *((shifts, name, units) for name, units in sorted(leaves.items())),
        ),
        brings,
    )


def _offer(name: str, cost: int, before: Counter[At], after: Counter[At]) -> ShiftOffer:
    return ShiftOffer(name, cost, dict(after - before), dict(before - after))


def _served(plan: FleetPlan) -> Counter[At]:
    return Counter({(one.site_id, one.shift): one.vehicles for one in plan.served})


def _unmet(problem: FleetProblem, plan: FleetPlan) -> int:
    served = _served(plan)
    return sum(sum(one.values_cents[served[one.site_id, one.shift] :]) for one in problem.demand)


def _relocation(problem: FleetProblem, steps: tuple[Step, ...]) -> int:
    ids = [site.site_id for site in problem.sites]
    return sum(
        problem.move_cents[ids.index(step.site_id)][ids.index(step.to_site_id)] for step in steps if step.kind == "move"
    )
