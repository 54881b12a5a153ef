"""A second opinion: the docks as a problem of the joint plan's own kind, for its exact solver.

Every appointment is a case, every admissible start a candidate, the doors of a class at a moment a resource. HiGHS
cuts off the fractions that CP-SAT searches through one by one (docs/decisions/0029): where CP-SAT has found a
sequence but not proven it, this proves it, or finds a better one.
"""

import pandas as pd

from domain.errors import BadProblem
from optimization.docks.model import busy_until
from optimization.docks.options import Options, Start
from optimization.docks.problem import DockProblem
from optimization.problem import Problem, build_problem
from optimization.solution import Solution
from optimization.solve import solve

POSTPONED = "postponed"


def prove(problem: DockProblem, options: Options, steps: int) -> Solution | None:
    """Solve exactly within so many steps; ``None`` where they do not suffice for any sequence."""
    try:
        return solve(as_joint(problem, options), effort=steps)
    except BadProblem:
        return None


def as_joint(problem: DockProblem, options: Options) -> Problem:
    """Build the problem; action ids are the positions of starts, or ``postponed:`` and the appointment."""
    names = [one.appointment_id for one in problem.appointments]
    starts = [(names[one.appointment], str(k), one.cost_cents) for k, one in enumerate(options.starts)]
    put_off = [
        (one.appointment_id, f"{POSTPONED}:{one.appointment_id}", one.postpone_cents)
        for one in problem.appointments
        if one.postpone_cents is not None
    ]
    usage, limits = [], []
    for group, alike in enumerate(options.classes):
        own = [(k, one) for k, one in enumerate(options.starts) if one.door_class == group]
        for moment in sorted({problem.slots[one.slot] for _, one in own}):
            name = f"{alike.name}@{moment}"
            usage += [(str(k), name, 1) for k, one in own if _at_door(problem, one, moment)]
            limits.append((name, None, len(alike.doors), None, None))
    return build_problem(
        pd.DataFrame([*starts, *put_off], columns=["case_id", "action_id", "cost_cents"]),
        pd.DataFrame(usage, columns=["action_id", "resource_id", "amount"]),
        pd.DataFrame(limits, columns=["resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"]),
    )


def chosen_starts(options: Options, solution: Solution) -> list[Start]:
    """The starts of a solution; who is postponed has none."""
    return [options.starts[int(action)] for action in solution.choice.values() if not action.startswith(POSTPONED)]


def _at_door(problem: DockProblem, one: Start, moment: int) -> bool:
    return problem.slots[one.slot] <= moment < busy_until(problem, one)
