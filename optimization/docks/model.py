"""The docks as a CP-SAT model, time-indexed: one 0/1 variable a start.

    minimise   Σ cost_s x_s + Σ_a postpone_a z_a
    subject to Σ_{s of a} x_s + z_a = 1                              for every appointment a
               Σ_{s of class c with start_s ≤ t < end_s} x_s ≤ doors_c  for every class c, start t

Loads that overlap have a start at which all of them are at a door, so it suffices to count at starts. Doors that
are alike are counted, not named: what fits under the count can be dealt out (``doors.py``). The relaxation is the
strong one of Sousa and Wolsey (Mathematical Programming 54, 1992), which is why small gaps are proven soon.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ortools.sat.python import cp_model

from optimization.docks.options import Options, Start
from optimization.docks.problem import DockProblem


@dataclass(frozen=True, eq=False)
class DockModel:
    """The model, and the variable of each start and of each appointment that may be postponed."""

    model: cp_model.CpModel
    start: tuple[cp_model.IntVar, ...]
    postponed: Mapping[int, cp_model.IntVar]


def build_model(problem: DockProblem, options: Options) -> DockModel:
    """Build the model; its objective is the cost in cents."""
    may = {row: one.postpone_cents for row, one in enumerate(problem.appointments) if one.postpone_cents is not None}
    made = _build(problem, options, tuple(may))
    _hint(problem, options, made)
    costs = [one.cost_cents for one in options.starts]
    late, postponed = cp_model.LinearExpr.weighted_sum(made.start, costs), made.postponed
    made.model.minimize(late + sum(may[row] * postponed[row] for row in may))
    return made


def build_elastic(problem: DockProblem, options: Options) -> DockModel:
    """Build the relaxation in which anybody may be postponed; its objective counts those who must not be."""
    made = _build(problem, options, tuple(range(len(problem.appointments))))
    must = [row for row, one in enumerate(problem.appointments) if one.postpone_cents is None]
    made.model.minimize(sum(made.postponed[row] for row in must))
    return made


def _build(problem: DockProblem, options: Options, may: tuple[int, ...]) -> DockModel:
    model = cp_model.CpModel()
    start = tuple(model.new_bool_var("") for _ in options.starts)
    postponed = {row: model.new_bool_var("") for row in may}
    ways: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for one, variable in zip(options.starts, start, strict=True):
        ways[one.appointment].append(variable)
    for row in range(len(problem.appointments)):
        model.add_exactly_one([*ways[row], *([postponed[row]] if row in postponed else [])])
    for group, alike in enumerate(options.classes):
        own = [pair for pair in zip(options.starts, start, strict=True) if pair[0].door_class == group]
        _count(model, problem, own, len(alike.doors))
    return DockModel(model, start, postponed)


def _count(model: cp_model.CpModel, problem: DockProblem, own: list[tuple[Start, cp_model.IntVar]], doors: int) -> None:
    """At every start, as many loads as there are doors at the most."""
    spans = [(problem.slots[one.slot], busy_until(problem, one), one.appointment, variable) for one, variable in own]
    for moment in sorted({begin for begin, *_ in spans}):
        at_once = [(row, variable) for begin, end, row, variable in spans if begin <= moment < end]
        if len({row for row, _ in at_once}) > doors:
            model.add(sum(variable for _, variable in at_once) <= doors)


def busy_until(problem: DockProblem, one: Start) -> int:
    """The minute from which the door is free again, the turn included."""
    return problem.slots[one.slot] + problem.appointments[one.appointment].load_min + problem.turn_min


def _hint(problem: DockProblem, options: Options, made: DockModel) -> None:
    """The search begins at the present sequence."""
    for one, variable in zip(options.starts, made.start, strict=True):
        present = problem.appointments[one.appointment].present
        if present is not None:
            doors = {door.door_id for door in options.classes[one.door_class].doors}
            same = present.door_id in doors and present.start_min == problem.slots[one.slot]
            made.model.add_hint(variable, int(same))
