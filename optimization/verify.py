"""The independent verifier: pandas over a problem's tables and ids, sharing nothing with the solver."""

from typing import Any

import pandas as pd

from domain.errors import PlanRejected
from optimization.problem import Problem
from optimization.solution import Solution


def verify(problem: Problem, solution: Solution) -> None:
    """Recompute a solution's cost and every row.

    Raises
    ------
    PlanRejected
        If a case has no or another case's action, a hard row or exclusion is broken, the cost is
        misstated, the bound lies above it, or the solution is of another problem.
    """
    if solution.problem_fingerprint != problem.fingerprint:
        raise PlanRejected("the solution was made for another problem (fingerprints differ)")
    chosen = _checked_choice(problem, solution)
    cost = sum(chosen["cost_cents"].tolist()) + _checked_rows(problem, _used(problem, chosen))
    _check_exclusions(problem, chosen["action_id"])
    if cost != solution.objective:
        raise PlanRejected(f"the solution states {solution.objective} cents but costs {cost}")
    if solution.bound > cost:
        raise PlanRejected(f"the bound of {solution.bound} cents lies above the cost of {cost}")


def _checked_choice(problem: Problem, solution: Solution) -> pd.DataFrame:
    """The candidates that are chosen: one for each case, and each its own case's."""
    wanted, given = set(problem.candidates["case_id"].unique()), set(solution.choice)
    if wanted != given:
        odd = sorted(wanted ^ given)[0]
        raise PlanRejected(f"case {odd!r} is {'unknown' if odd in given else 'without an action'}")
    chosen = problem.candidates[problem.candidates["action_id"].isin(set(solution.choice.values()))]
    of_case = dict(zip(chosen["case_id"].tolist(), chosen["action_id"].tolist(), strict=True))
    for case, action in solution.choice.items():
        if of_case.get(case) != action:
            raise PlanRejected(f"action {action!r} is no candidate of case {case!r}")
    return chosen


def _used(problem: Problem, chosen: pd.DataFrame) -> pd.Series:
    """Units of each resource, by its row, that the chosen candidates take."""
    places = problem.places
    uses = pd.DataFrame({"candidate": places.use_action, "resource": places.use_resource, "amount": problem.amount})
    taken = uses[uses["candidate"].isin(chosen.index)].groupby("resource")["amount"].sum()
    return taken.reindex(problem.resources.index, fill_value=0)


def _checked_rows(problem: Problem, used: pd.Series) -> int:
    """Cents of penalty of all soft bounds; a broken hard one raises."""
    resources, total = problem.resources, 0
    lo, hi, taken = (column.astype(object) for column in (resources["lo"], resources["hi"], used))  # of any size
    for side, excess in (("lo", lo - taken), ("hi", taken - hi)):
        broken = resources.assign(excess=excess, used=used)[(excess > 0).fillna(False).astype(bool)]
        for row in broken.to_dict("records"):
            total += _penalty(row, side)
    return total


def _penalty(row: dict[Any, Any], side: str) -> int:
    each = row[f"penalty_{side}_cents"]
    if pd.isna(each):
        raise PlanRejected(
            f"resource {row['resource_id']!r} is used {row['used']} times; its hard bound is {row[side]}"
        )
    return int(each) * int(row["excess"])


def _check_exclusions(problem: Problem, chosen: pd.Series) -> None:
    pairs = problem.exclusions
    both = pairs[pairs["action_id_1"].isin(chosen) & pairs["action_id_2"].isin(chosen)]
    if len(both):
        one, other = both.iloc[0]
        raise PlanRejected(f"actions {one!r} and {other!r} exclude each other, but both are chosen")
