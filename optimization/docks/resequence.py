"""Re-sequence the docks of a site: options, search, proof, doors, and the verifier before anyone sees it."""

from dataclasses import dataclass, replace
from itertools import compress

from domain.errors import BadProblem
from optimization.cpsat import Budget, Found, SideCertificate, Status, run_cpsat
from optimization.docks.doors import deal_out
from optimization.docks.model import build_elastic, build_model
from optimization.docks.options import Options, Start, find_options
from optimization.docks.problem import DockProblem
from optimization.docks.proof import chosen_starts, prove
from optimization.docks.solution import DockPlan
from optimization.docks.verify import verify_docks

DEFAULT = Budget()
SHOWN = 5
"""Appointments that a message names; the rest are counted."""


def resequence(problem: DockProblem, effort: Budget = DEFAULT) -> DockPlan:
    """Find the sequence with the least expected cost of lateness and of moving.

    Raises
    ------
    BadProblem
        If the appointments cannot all have a slot (with those that are left over), or no sequence was found within
        the effort.
    PlanRejected
        If the verifier disagrees with a solver.
    """
    options = find_options(problem)
    draft = _searched(problem, options, effort)
    if draft is None or draft.certificate.status is not Status.OPTIMAL:
        draft = _better(draft, _proven(problem, options, effort))
    if draft is None:
        raise BadProblem(
            f"no sequence was found within {effort.deterministic_time:g} of deterministic time and {effort.steps} "
            "steps; allow more effort"
        )
    booked = deal_out(problem, options, draft.starts)
    plan = DockPlan({name: booked.get(name) for name in problem.names}, draft.certificate)
    verify_docks(problem, plan)
    return plan


@dataclass(frozen=True)
class _Draft:
    """The starts that a solver chose, and what it proved."""

    starts: list[Start]
    certificate: SideCertificate


def _searched(problem: DockProblem, options: Options, effort: Budget) -> _Draft | None:
    """CP-SAT's sequence, ``None`` where the effort did not suffice for any."""
    made = build_model(problem, options)
    found = run_cpsat(made.model, effort)
    if isinstance(found, Found):
        taken = [found.value(variable) for variable in made.start]
        return _Draft(list(compress(options.starts, taken)), found.certificate)
    if found.impossible:
        raise BadProblem(_left_over(problem, options, effort))
    return None


def _proven(problem: DockProblem, options: Options, effort: Budget) -> _Draft | None:
    """The second solver's sequence, likewise; CP-SAT's time is spent by then."""
    told = prove(problem, options, effort.steps) if effort.steps else None
    if told is None:
        return None
    spent = effort.deterministic_time
    return _Draft(chosen_starts(options, told), SideCertificate(told.objective, told.bound, spent, told.steps))


def _better(first: _Draft | None, second: _Draft | None) -> _Draft | None:
    """The cheaper sequence with the higher bound, and what both have spent."""
    if first is None or second is None:
        return first or second
    cheaper = min(first, second, key=lambda draft: draft.certificate.objective_cents)
    bound = max(draft.certificate.bound_cents for draft in (first, second))
    return replace(
        cheaper,
        certificate=SideCertificate(
            cheaper.certificate.objective_cents,
            bound,
            first.certificate.deterministic_time,
            second.certificate.steps,
        ),
    )


def _left_over(problem: DockProblem, options: Options, effort: Budget) -> str:
    """Which appointments cannot have a slot if all the others that must have one do."""
    elastic = build_elastic(problem, options)
    found = run_cpsat(elastic.model, effort)
    if not isinstance(found, Found):
        return "the appointments cannot all have a slot, and the effort did not suffice to find which are left over"
    names = [
        one.appointment_id
        for row, one in enumerate(problem.appointments)
        if one.postpone_cents is None and found.value(elastic.postponed[row])
    ]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (
        f"the appointments cannot all have a slot: {len(names)} of {len(problem.appointments)} are left over, "
        f"{', '.join(names[:SHOWN])}{more}; widen windows, open doors, or say what postponing costs"
    )
