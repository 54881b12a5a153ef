"""The independent verifier: plain Python over a problem's tables, sharing nothing with the solver."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

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
    used = _used(problem, chosen)
    cost = _cost(problem, chosen) + sum(_checked_rows(problem, used))
    _check_exclusions(problem, chosen)
    if cost != solution.objective:
        raise PlanRejected(f"the solution states {solution.objective} cents but costs {cost}")
    if solution.bound > cost:
        raise PlanRejected(f"the bound of {solution.bound} cents lies above the cost of {cost}")


def _checked_choice(problem: Problem, solution: Solution) -> set[str]:
    cases = dict(zip(problem.candidates["action_id"].tolist(), problem.candidates["case_id"].tolist(), strict=True))
    wanted, given = set(cases.values()), set(solution.choice)
    if wanted != given:
        odd = sorted(wanted ^ given)[0]
        raise PlanRejected(f"case {odd!r} is {'unknown' if odd in given else 'without an action'}")
    for case, action in solution.choice.items():
        if cases.get(action) != case:
            raise PlanRejected(f"action {action!r} is no candidate of case {case!r}")
    return set(solution.choice.values())


def _used(problem: Problem, chosen: set[str]) -> Counter[str]:
    used: Counter[str] = Counter()
    for action, resource, amount in _rows(problem, "usage"):
        if action in chosen:
            used[resource] += amount
    return used


def _cost(problem: Problem, chosen: set[str]) -> int:
    return sum(cost for _, action, cost in _rows(problem, "candidates") if action in chosen)


def _checked_rows(problem: Problem, used: Counter[str]) -> Iterator[int]:
    """Penalty of each soft bound in cents; a broken hard one raises."""
    for resource, lo, hi, penalty_lo, penalty_hi in _rows(problem, "resources"):
        for short, penalty, bound in (
            (0 if lo is None else lo - used[resource], penalty_lo, lo),
            (0 if hi is None else used[resource] - hi, penalty_hi, hi),
        ):
            if short > 0 and penalty is None:
                raise PlanRejected(f"resource {resource!r} is used {used[resource]} times; its hard bound is {bound}")
            yield short * penalty if short > 0 else 0


def _check_exclusions(problem: Problem, chosen: set[str]) -> None:
    for one, other in _rows(problem, "exclusions"):
        if one in chosen and other in chosen:
            raise PlanRejected(f"actions {one!r} and {other!r} exclude each other, but both are chosen")


def _rows(problem: Problem, table: str) -> Iterator[tuple[Any, ...]]:
    frame = getattr(problem, table)
    columns = [_plain(frame[name]) for name in frame]
    return zip(*columns, strict=True)


def _plain(column: Any) -> list[Any]:
    """Values as Python objects, null as ``None`` (pandas' NA cannot be compared)."""
    return [None if gone else value for value, gone in zip(column.tolist(), column.isna(), strict=True)]
