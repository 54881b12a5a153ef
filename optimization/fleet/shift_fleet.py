"""Plan a shared fleet: a min-cost flow where that suffices, else CP-SAT; the verifier before anyone sees it."""

from domain.errors import BadProblem
from optimization.cpsat import Budget, Found, run_cpsat
from optimization.fleet.flow import solve_flow, suffices
from optimization.fleet.itineraries import deal_paths
from optimization.fleet.model import FleetModel, build_model
from optimization.fleet.problem import FleetProblem
from optimization.fleet.solution import FleetPlan, Served, Step
from optimization.fleet.verify import verify_fleet

DEFAULT = Budget()


def shift_fleet(problem: FleetProblem, effort: Budget = DEFAULT) -> FleetPlan:
    """Find which units to shift so that moves cost and unmet demand lose least.

    Raises
    ------
    BadProblem
        If a unit cannot keep its rules (which), or no plan was found within the effort.
    PlanRejected
        If the verifier disagrees with the solver.
    """
    return solve_flow(problem) if suffices(problem) else solve_cpsat(problem, effort)


def solve_cpsat(problem: FleetProblem, effort: Budget = DEFAULT) -> FleetPlan:
    """Solve by CP-SAT, whatever the rules; raises as :func:`shift_fleet`."""
    made = build_model(problem)
    found = run_cpsat(made.model, effort)
    if not isinstance(found, Found):
        raise BadProblem(_why_none(effort, found.impossible))
    plan = FleetPlan(_itineraries(problem, made, found), _served(problem, made, found), found.certificate)
    verify_fleet(problem, plan)
    return plan


def _itineraries(problem: FleetProblem, made: FleetModel, found: Found) -> dict[str, tuple[Step, ...]]:
    paths: dict[str, tuple[Step, ...]] = {}
    for one, flow in zip(made.classes, made.flows, strict=True):
        used = {arc: found.value(variable) for arc, variable in zip(one.network.arcs, flow, strict=True)}
        paths |= deal_paths(problem, {unit.unit_id: one.network.source for unit in one.units}, used)
    return dict(sorted(paths.items()))


def _served(problem: FleetProblem, made: FleetModel, found: Found) -> tuple[Served, ...]:
    return tuple(
        Served(one.site_id, one.shift, sum(map(found.value, ys)))
        for one, ys in zip(problem.demand, made.served, strict=True)
    )


def _why_none(effort: Budget, impossible: bool) -> str:
    if impossible:
        return (
            "the units cannot all keep their rules together: those that must come home need a vehicle or a driver to "
            "come with; allow rides, or loosen home_by_end"
        )
    return (
        f"no plan of the fleet was found within {effort.deterministic_time:g} of deterministic time; allow more effort"
    )
