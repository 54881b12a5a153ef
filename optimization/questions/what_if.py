"""What if there were more, or less? A certified bound at once, and the plan made anew, warm.

By the prices alone, L(p, b + Δb) = L(p, b) − Σ p Δb: a limit that a price belongs to moves the bound by its
price a unit, other limits not at all. A price above 0 belongs to the upper limit, one below 0 to the
lower one. Two things besides are seen to: a candidate that was impossible becomes possible under a higher limit and may
lower its case's least; and where a limit is taken away, its price must go to 0, so all who pay it are looked at again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd

from domain.errors import BadProblem
from domain.money import Money
from optimization.arrays import NONE, Arrays, Ints
from optimization.effort import Effort
from optimization.joint.bound import priced
from optimization.joint.plan_search import meet_all_rows
from optimization.problem import Problem
from optimization.problem_checks import check_numbers
from optimization.questions.answer import Answer, counted
from optimization.questions.desk import Desk, impossible_ones, possible_only, too_large_uses
from optimization.questions.moved import Moved, moved
from optimization.recall import recall
from optimization.solution import Solution
from optimization.solve import EFFORT, solve


@dataclass(frozen=True)
class Limits:
    """A resource's limits as they would be, in whole units; ``None`` for none."""

    resource_id: str
    lo: int | None
    hi: int | None


@dataclass(frozen=True)
class Broken:
    """A hard limit that the present plan would not meet."""

    resource: str
    used: int
    limit: int


@dataclass(frozen=True)
class WhatIf(Answer):
    """What is known at once of other limits.

    Attributes
    ----------
    changes
        As asked.
    bound_cents
        Certified: no plan under them costs less.
    by_prices_cents
        How much the prices' own bound moves: an estimate of what the best plan's cost moves by.
    cost_cents
        What the present plan would cost under them; ``None`` where it breaks one.
    broken
        Which, and by how much.
    """

    changes: tuple[Limits, ...]
    bound_cents: int
    by_prices_cents: Fraction
    cost_cents: int | None
    broken: tuple[Broken, ...]

    def sentence(self, money: Money) -> str:
        """The bound, and whether the plan still holds."""
        sign = "dearer" if self.by_prices_cents >= 0 else "cheaper"
        start = (
            f"with {counted(len(self.changes), 'limit')} changed no plan costs less than {money(self.bound_cents)}, "
            f"and the best one is about {money(abs(self.by_prices_cents))} {sign} by shadow prices"
        )
        if self.cost_cents is not None:
            return f"{start}; the present plan still holds, for {money(self.cost_cents)}"
        first = self.broken[0]
        where = f"{first.resource} is used {first.used:,} times and its limit would be {first.limit:,}"
        also = f", and {counted(len(self.broken) - 1, 'other limit')}" if len(self.broken) > 1 else ""
        return f"{start}; the present plan no longer holds: {where}{also}"


@dataclass(frozen=True)
class Replanned(Answer):
    """The plan made anew under other limits.

    Attributes
    ----------
    at_once
        What was known before.
    cost_cents, bound_cents
        What the new plan costs, and what none costs less than.
    difference_cents
        Cost of the new plan − cost of the desk's.
    penalty_cents
        Its part that soft limits make up; the rest is the differences of ``changed``.
    changed
        Cases that get another action, those that pay most more first.
    """

    at_once: WhatIf
    cost_cents: int
    bound_cents: int
    difference_cents: int
    penalty_cents: int
    changed: tuple[Moved, ...]

    def sentence(self, money: Money) -> str:
        """Cost, difference, and how many cases change."""
        more = f"{money(abs(self.difference_cents))} {'more' if self.difference_cents >= 0 else 'less'} than now"
        first = f", first of all {self.changed[0].case_id} to {self.changed[0].after}" if self.changed else ""
        return (
            f"with {counted(len(self.at_once.changes), 'limit')} changed the plan costs {money(self.cost_cents)}, "
            f"{more} and at most {money(self.cost_cents - self.bound_cents)} above the best; "
            f"{counted(len(self.changed), 'case')} would get another action{first}"
        )


def more(desk: Desk, resource_id: str, units: int) -> Limits:
    """A resource's limits with its upper one moved by some units (below 0: down).

    Raises
    ------
    BadProblem
        If it has none.
    """
    row = desk.names.row(resource_id)
    if desk.arrays.hi[row] >= NONE:
        raise BadProblem(f"resource {resource_id!r} has no upper limit that could be moved")
    lo = int(desk.arrays.lo[row])
    return Limits(resource_id, None if lo <= -NONE else lo, int(desk.arrays.hi[row]) + units)


def what_if(desk: Desk, changes: Sequence[Limits]) -> WhatIf:
    """Tell a certified bound under other limits, in microseconds a change.

    It is the prices' own; where limits only become tighter it is at least the desk's bound. Penalties stay as
    they are: a limit that is new is soft where the resource has a penalty for it, else hard.

    Raises
    ------
    NotThere
        If a resource is unknown.
    BadProblem
        If one is named twice, or a lower limit lies above its upper one.
    """
    rows = _rows(desk, changes)
    arrays, used = _changed(desk, rows, changes), {row: int(desk.used[row]) for row in rows}
    value = _value(desk, arrays, rows)
    tighter = all(arrays.lo[row] >= desk.arrays.lo[row] and arrays.hi[row] <= desk.arrays.hi[row] for row in rows)
    broken = tuple(one for row in rows for one in _broken(arrays, row, used[row], desk.names.row_ids[row]))
    penalties = sum(_penalty(arrays, row, used[row]) - _penalty(desk.arrays, row, used[row]) for row in rows)
    return WhatIf(
        changes=tuple(changes),
        bound_cents=max(ceil(value), desk.bound) if tighter else ceil(value),
        by_prices_cents=value - desk.priced.value,
        cost_cents=None if broken else desk.solution.objective + penalties,
        broken=broken,
    )


def re_plan(
    desk: Desk, changes: Sequence[Limits], gap: float = 0.0, effort: int = EFFORT
) -> tuple[Replanned, Solution]:
    """Make the plan anew under other limits, from the desk's prices and choice.

    First the plan is mended at the prices as they are; where the bound that is known at once does not certify the
    gap, the whole search follows.

    Returns
    -------
    tuple
        What changes, and the solution, of the problem :func:`changed_problem`.

    Raises
    ------
    BadProblem
        If the hard limits can then not be met; the message says which.
    """
    at_once = what_if(desk, changes)
    problem = changed_problem(desk.problem, changes)
    arrays = _changed(desk, _rows(desk, changes), changes)
    solution, chosen = _mended(desk, arrays, problem, at_once, gap, effort) or _searched(desk, problem, gap, effort)
    cases = moved(desk, desk.chosen, chosen)
    difference = solution.objective - desk.solution.objective
    told = Replanned(
        at_once=at_once,
        cost_cents=solution.objective,
        bound_cents=max(solution.bound, at_once.bound_cents),
        difference_cents=difference,
        penalty_cents=difference - sum(one.difference_cents for one in cases),
        changed=cases,
    )
    return told, solution


def _mended(
    desk: Desk, arrays: Arrays, problem: Problem, at_once: WhatIf, gap: float, effort: int
) -> tuple[Solution, Ints] | None:
    """The desk's plan, repaired and bettered under other limits; ``None`` where the gap is not certified."""
    spent = Effort(effort)
    chosen = meet_all_rows(arrays, desk.priced, desk.chosen, spent)
    if chosen is None:
        return None
    choice = dict(zip(problem.case_ids, desk.names.actions.take(chosen).to_pylist(), strict=True))
    solution = replace(
        desk.solution,
        choice=choice,
        objective=arrays.objective(chosen),
        bound=at_once.bound_cents,
        steps=spent.spent,
        wanted_gap=gap,
        problem_fingerprint=problem.fingerprint,
        priced_bound=ceil(desk.priced.value + at_once.by_prices_cents),
        stopped_by="gap",
    )
    return (solution, chosen) if solution.gap_reached else None


def _searched(desk: Desk, problem: Problem, gap: float, effort: int) -> tuple[Solution, Ints]:
    solution = solve(problem, gap, effort, earlier=desk.solution)
    return solution, recall(problem, solution)[1]


def changed_problem(problem: Problem, changes: Sequence[Limits]) -> Problem:
    """The problem under other limits.

    Raises
    ------
    BadProblem
        If lo is above hi somewhere, or a sum could overflow.
    """
    resources = problem.resources.copy()
    place = pd.Index(resources["resource_id"]).get_indexer([change.resource_id for change in changes])
    for name, values in (("lo", [one.lo for one in changes]), ("hi", [one.hi for one in changes])):
        column = resources[name].copy()
        column.iloc[place] = pd.array(values, "Int64")
        resources[name] = column
    check_numbers(problem.candidates, problem.usage, resources, problem.places.use_resource)
    return replace(problem, resources=resources)


def _rows(desk: Desk, changes: Sequence[Limits]) -> list[int]:
    rows = [desk.names.row(change.resource_id) for change in changes]
    if len(set(rows)) < len(rows):
        twice = next(one.resource_id for k, one in enumerate(changes) if rows[k] in rows[:k])
        raise BadProblem(f"resource {twice!r} is changed twice; say once what its limits would be")
    return rows


def _changed(desk: Desk, rows: list[int], changes: Sequence[Limits]) -> Arrays:
    """The desk's arrays under other limits; a limit that is new is soft where the resource has a penalty for it."""
    arrays = desk.arrays
    names = ("lo", "hi", "under", "over", "hard_lo", "hard_hi")
    bounds = {name: getattr(arrays, name).copy() for name in names}
    for row, change in zip(rows, changes, strict=True):
        lo, hi = -NONE if change.lo is None else change.lo, NONE if change.hi is None else change.hi
        if lo > hi:
            raise BadProblem(f"resource {change.resource_id!r} would have lo {change.lo} above hi {change.hi}")
        if (lo > -NONE) != (arrays.lo[row] > -NONE) or (hi < NONE) != (arrays.hi[row] < NONE):
            under, over = (desk.problem.resources[f"penalty_{side}_cents"].iloc[row] for side in ("lo", "hi"))
            bounds["hard_lo"][row], bounds["hard_hi"][row] = lo > -NONE and pd.isna(under), hi < NONE and pd.isna(over)
            bounds["under"][row] = 0 if lo <= -NONE or pd.isna(under) else under
            bounds["over"][row] = 0 if hi >= NONE or pd.isna(over) else over
        bounds["lo"][row], bounds["hi"][row] = lo, hi
    return arrays._replace(**bounds)


def _value(desk: Desk, arrays: Arrays, rows: list[int]) -> Fraction:
    """What the prices prove under other limits, cents."""
    price = desk.priced.price
    if any(_out_of_box(arrays, row, int(price[row])) for row in rows):
        everything = priced(arrays, desk.priced.cents)
        return possible_only(arrays, everything, impossible_ones(arrays, too_large_uses(arrays))).value
    side = [(row, "hi" if price[row] > 0 else "lo") for row in rows if price[row]]
    moves = [(row, int(getattr(arrays, at)[row]) - int(getattr(desk.arrays, at)[row])) for row, at in side]
    parts = sum(int(price[row]) * change for row, change in moves)
    return desk.priced.value - desk.cents(parts + _fall(desk, arrays, rows))


def _out_of_box(arrays: Arrays, row: int, price: int) -> bool:
    """Whether a limit was taken away that a row's price belongs to."""
    return bool(price > 0 and arrays.hi[row] >= NONE) or bool(price < 0 and arrays.lo[row] <= -NONE)


def _fall(desk: Desk, arrays: Arrays, rows: list[int]) -> int:
    """By how much the least of all cases falls because candidates become possible, 1/scale cents."""
    least: dict[int, int] = {}
    for row in rows:
        if arrays.hi[row] > desk.arrays.hi[row]:
            for candidate in _once_too_large(desk, row):
                case, reduced = int(arrays.case[candidate]), int(desk.priced.reduced[candidate])
                least[case] = min(least.get(case, reduced), reduced)
    return sum(max(0, int(desk.priced.lowest[case]) - reduced) for case, reduced in least.items())


def _once_too_large(desk: Desk, row: int) -> list[int]:
    """Candidates that alone needed more of a row than there was; whether other rows stop them is not asked."""
    first, last = np.searchsorted(desk.too_large, desk.arrays.row_start[row : row + 2])
    found: list[int] = desk.arrays.row_action[desk.too_large[first:last]].tolist()
    return found


def _broken(arrays: Arrays, row: int, used: int, name: str) -> list[Broken]:
    if arrays.hard_hi[row] and used > arrays.hi[row]:
        return [Broken(name, used, int(arrays.hi[row]))]
    if arrays.hard_lo[row] and used < arrays.lo[row]:
        return [Broken(name, used, int(arrays.lo[row]))]
    return []


def _penalty(arrays: Arrays, row: int, used: int) -> int:
    """Cents for what lies outside of a row's soft limits."""
    short, beyond = max(0, int(arrays.lo[row]) - used), max(0, used - int(arrays.hi[row]))
    return int(arrays.under[row]) * short + int(arrays.over[row]) * beyond
