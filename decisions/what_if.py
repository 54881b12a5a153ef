"""What if? Scenarios held against a plan, or against the solution of a problem folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from decisions.plan import DataUsed, Option, Plan, PlanCase
from decisions.plan_desk import solution_of
from decisions.plan_file import read_plan, read_plan_problem
from optimization.problem import Problem
from optimization.problem_folder import read_problem
from optimization.scenarios.base import Base, with_prices
from optimization.scenarios.outcome import Comparison
from optimization.scenarios.play import play
from optimization.scenarios.reading import read_scenario
from optimization.scenarios.situation import FACTS, Situation, bare
from optimization.solve import solve
from optimization.verify import verify


@dataclass(frozen=True)
class Asked:
    """What scenarios were held against.

    Attributes
    ----------
    title
        The plan's data and moment, or the folder's name.
    data
        The plan's data; ``None`` for a problem folder.
    units
        resource_id → unit of a plan's limits.
    """

    title: str
    data: DataUsed | None = None
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WhatIf:
    """Scenarios side by side, and what they were held against."""

    asked: Asked
    comparison: Comparison

    def document(self) -> dict[str, Any]:
        """Everything as a JSON object: the same input gives the same one."""
        comparison = self.comparison
        scenarios = [asdict(one) | {"more": asdict(comparison.difference(one))} for one in comparison.scenarios]
        again = None if comparison.again is None else asdict(comparison.again)
        return {
            "asked": asdict(self.asked),
            "base": asdict(comparison.base),
            "solved_again": again,
            "scenarios": scenarios,
            "impossible": [asdict(one) for one in comparison.impossible],
        }


@dataclass(frozen=True)
class Allowed:
    """Gap at which the solver may stop, and steps that it may spend on each scenario; ``None`` = the plan's own."""

    gap: float | None = None
    effort: int | None = None


def what_if_plan(
    file: Path,
    changes: Sequence[Path],
    allowed: Allowed = Allowed(),
    progress: Callable[[str], None] = lambda _: None,
) -> WhatIf:
    """Hold scenarios against a plan; neither it nor its problem is changed.

    Raises
    ------
    NotThere
        If a file is not there.
    BadProblem
        If the plan or its problem cannot be read.
    BadScenario
        If a file of changes is wrong, or what it asks for is not possible.
    """
    scenarios = [read_scenario(one) for one in changes]
    plan = read_plan(file)
    problem = read_plan_problem(file, plan)
    base = base_of_plan(plan, problem)
    settings = plan.settings["plan"]
    gap = settings["gap"] if allowed.gap is None else allowed.gap
    effort = int(settings["effort"]) if allowed.effort is None else allowed.effort
    units = {limit.resource_id: limit.unit for limit in plan.limits}
    asked = Asked(f"{plan.data.title} as of {plan.as_of}", plan.data, units)
    return WhatIf(asked, play(base, scenarios, gap, effort, progress))


def what_if_folder(
    folder: Path,
    changes: Sequence[Path],
    gap: float,
    effort: int,
    progress: Callable[[str], None] = lambda _: None,
) -> WhatIf:
    """Solve a problem folder, and hold scenarios against that; changes can name its ids only.

    Raises
    ------
    LanewiseError
        As :func:`what_if_plan`.
    """
    scenarios = [read_scenario(one) for one in changes]
    problem = read_problem(folder)
    progress("as it is")
    solution = solve(problem, gap, effort)
    return WhatIf(Asked(folder.name), play(Base(bare(problem), solution), scenarios, gap, effort, progress))


def base_of_plan(plan: Plan, problem: Problem) -> Base:
    """A plan as the base of scenarios."""
    solution = with_prices(problem, solution_of(plan))
    verify(problem, solution)
    facts = pd.DataFrame([_facts(case, option) for case in plan.cases for option in case.options])
    known = facts.reindex(columns=["action_id", *FACTS])
    table = problem.candidates.merge(known.astype(_dtypes()), on="action_id", how="left", validate="one_to_one")
    return Base(Situation(table, problem.usage, problem.resources, problem.exclusions), solution)


def action_id(case: PlanCase, option: Option) -> str:
    """The candidate's id in the plan's problem."""
    return f"{case.case_id}/{option.action}"


def _facts(case: PlanCase, option: Option) -> dict[str, object]:
    return {
        **case.facts,
        "action_id": action_id(case, option),
        "label": option.action,
        "action": option.kind,
        "new_carrier_id": option.carrier_id,
        "p_late": option.p_late,
        "p_refused": option.p_refused,
        "pickup_at": option.pickup_at,
        "depot_id": option.depot_id,
        "direct_cents": option.direct_cents,
        "handling_cents": option.handling_cents,
        "failure_cents": option.failure_cents,
    }


def _dtypes() -> dict[str, str]:
    cents = {name: "int64" for name in FACTS if name.endswith("_cents")}
    return dict.fromkeys(["action_id", *FACTS], "str") | cents | {"p_late": "float64", "p_refused": "float64"}
