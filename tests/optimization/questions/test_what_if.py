"""Other limits: the bound at once is never above the new optimum; the new plan is the optimum."""

import numpy as np
import pytest

from domain.errors import BadProblem, NotThere
from domain.money import Money
from optimization.problem import Problem
from optimization.questions.desk import Desk
from optimization.questions.limits import Limits, changed_problem, more
from optimization.questions.re_plan import re_plan
from optimization.questions.what_if import what_if
from optimization.verify import verify
from tests.optimization.problems import brute_force
from tests.optimization.questions.desks import any_desk, cost_of, limited, limits_of, solved_desk, solved_desks


def drawn_limits(problem: Problem, seed: int) -> list[Limits]:
    """Some resources with limits moved, taken away or new."""
    rng = np.random.default_rng(seed)
    changes = []
    for name, lo, hi in limits_of(problem):
        new_hi = None if rng.random() < 0.2 else max(0, (hi if hi is not None else 6) + int(rng.integers(-4, 5)))
        new_lo = None if rng.random() < 0.3 else max(0, (lo if lo is not None else 1) + int(rng.integers(-2, 3)))
        if new_lo is not None and new_hi is not None and new_lo > new_hi:
            new_lo = new_hi
        if rng.random() < 0.8:
            changes.append(Limits(name, new_lo, new_hi))
    return changes


def under(problem: Problem, changes: list[Limits]) -> Problem:
    """The problem made anew, table by table."""
    for change in changes:
        problem = limited(problem, change.resource_id, change.lo, change.hi)
    return problem


def check(desk: Desk, seed: int) -> None:
    changes = drawn_limits(desk.problem, seed)
    told, then = what_if(desk, changes), under(desk.problem, changes)
    best = brute_force(then)
    assert told.cost_cents is None or told.cost_cents == cost_of(then, dict(desk.solution.choice))
    assert (told.cost_cents is None) == bool(told.broken)
    assert best is None or told.bound_cents <= best


@pytest.mark.parametrize("block", range(10))
def test_the_bound_never_lies_above_the_new_optimum(block: int) -> None:
    """Of solved problems and of any choice at any prices, for limits that move, go and come."""
    for seed in range(20 * block, 20 * block + 20):
        for desk in (solved_desk(seed), any_desk(seed)):
            if desk is not None:
                check(desk, seed)


@pytest.mark.parametrize("seed", range(60))
def test_the_bound_at_once_is_what_the_prices_prove_of_the_new_problem(seed: int) -> None:
    """No less than the same prices prove when they are certified anew, while the limits they belong to stay."""
    from optimization.arrays import to_arrays
    from optimization.joint.bound import priced

    desk = any_desk(seed)
    if desk is None:
        return
    changes = [one for one in drawn_limits(desk.problem, seed) if one.lo is not None and one.hi is not None]
    anew = priced(to_arrays(under(desk.problem, changes)), desk.priced.cents)
    assert what_if(desk, changes).bound_cents >= anew.bound


@pytest.mark.parametrize("seed", range(40))
def test_the_new_plan_is_the_optimum_and_the_changed_cases_make_it(seed: int) -> None:
    """Their differences and the change of penalties are the whole difference; the solution verifies."""
    desk = solved_desk(seed)
    if desk is None:
        return
    changes = drawn_limits(desk.problem, seed)
    best = brute_force(under(desk.problem, changes))
    if best is None:
        with pytest.raises(BadProblem, match=r"cannot all be met|exclude each other"):
            re_plan(desk, changes)
        return
    told, solution = re_plan(desk, changes)
    verify(changed_problem(desk.problem, changes), solution)
    assert (told.cost_cents, told.bound_cents) == (best, best)
    assert told.difference_cents == told.penalty_cents + sum(one.difference_cents for one in told.changed)
    choice = dict(desk.solution.choice) | {one.case_id: one.after for one in told.changed}
    assert choice == solution.choice


@pytest.mark.parametrize("seed", range(60))
def test_a_plan_that_is_only_mended_is_certified_too(seed: int) -> None:
    """With wide gaps and a closer one: it verifies, and the optimum lies between its bound and its cost."""
    for desk in (solved_desk(seed), any_desk(seed)):
        if desk is None:
            return
        changes = drawn_limits(desk.problem, seed)
        best = brute_force(under(desk.problem, changes))
        if best is None:
            continue
        told, solution = re_plan(desk, changes, gap=(1e12, 0.3, 0.02)[seed % 3])
        verify(changed_problem(desk.problem, changes), solution)
        assert max(solution.bound, solution.priced_bound, told.bound_cents) <= best <= told.cost_cents


def test_what_makes_no_sense_is_refused() -> None:
    """Twice the same, lo above hi, an unknown resource, an upper limit that is not there."""
    desk = next(one for one in solved_desks() if any(hi is None for _, _, hi in limits_of(one.problem)))
    boundless = next(name for name, _, hi in limits_of(desk.problem) if hi is None)
    with pytest.raises(BadProblem, match="is changed twice"):
        what_if(desk, [Limits("r0", None, 3), Limits("r0", None, 4)])
    with pytest.raises(BadProblem, match="lo 4 above hi 3"):
        what_if(desk, [Limits("r0", 4, 3)])
    with pytest.raises(NotThere, match="no resource 'r9'"):
        what_if(desk, [Limits("r9", None, 3)])
    with pytest.raises(BadProblem, match="no upper limit that could be moved"):
        more(desk, boundless, 1)


def test_in_words_it_says_whether_the_plan_still_holds() -> None:
    """A limit at what is used changes nothing; one below it breaks the plan, by name."""
    desk, name, used = next(
        (desk, desk.names.row_ids[row], int(desk.used[row]))
        for desk in solved_desks()
        for row in range(len(desk.names.rows))
        if desk.arrays.hard_hi[row] and desk.used[row] > 0
    )
    assert "the present plan still holds" in what_if(desk, [Limits(name, None, used)]).sentence(Money("EUR"))
    broken = what_if(desk, [Limits(name, None, used - 1)])
    assert f"{name} is used {used} times and its limit would be {used - 1}" in broken.sentence(Money("EUR"))
