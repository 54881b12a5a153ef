"""The joint plan on thousands of small problems: the optimum is that of a brute force, the bound never passes it."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.plan_load import load
from benchmarks.plan_problems import write_tables
from benchmarks.plan_references import by_highs
from domain.errors import BadProblem
from optimization.joint import plan_search
from optimization.problem import Problem, build_problem
from optimization.problem_folder import read_problem
from optimization.solution import Solution
from optimization.solve import solve
from optimization.verify import verify
from tests.optimization.brute_force import brute_force, combinations
from tests.optimization.small_problems import FAMILIES, MOST_COMBINATIONS, Draft, Row, small_problem

BLOCKS, BLOCK = 20, 6 * len(FAMILIES)
"""2,040 problems, 120 of each family."""
DOUBLES = 1e-6
"""Of the optimum, by which a bound computed in doubles may be too low where amounts are millions."""
MORE_EFFORT = "allow more effort"
"""How a solver says that it found no plan, which is not to say that there is none."""


def answer(problem: Problem, gap: float = 0.0, little: bool = False) -> Solution:
    """What the solver under test says, verified; ``little`` effort is what it can do at once."""
    solution = solve(problem, gap=gap, effort=0) if little else solve(problem, gap=gap)
    verify(problem, solution)
    return solution


@cache
def known(seed: int) -> tuple[str, Problem, int | None]:
    """Family, problem and its optimum."""
    family, problem = small_problem(seed)
    return family, problem, brute_force(problem)


def attempt(problem: Problem) -> Solution | str:
    """What little effort gives: a plan, or why there is none."""
    try:
        return answer(problem, little=True)
    except BadProblem as refused:
        return str(refused)


def seeds(block: int) -> range:
    return range(BLOCK * block, BLOCK * (block + 1))


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_optimum_is_that_of_all_combinations(block: int) -> None:
    """The cost equals the brute force's and the bound proves it; where no combination is feasible, that is said."""
    check_optima(block)


@pytest.mark.parametrize("block", [0, BLOCKS // 2])
def test_a_search_finds_the_optimum_too(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where small problems are searched as large ones are, and not solved whole at first."""
    monkeypatch.setattr(plan_search, "SMALL", 0)
    check_optima(block)


def check_optima(block: int) -> None:
    for seed in seeds(block):
        family, problem, best = known(seed)
        if best is None:
            with pytest.raises(BadProblem, match=r"cannot all be met|exclude each other"):
                answer(problem)
            continue
        solution = answer(problem)
        assert best == solution.objective, (seed, family)
        assert best - DOUBLES * abs(best) <= solution.bound <= best, (seed, family)
        assert solution.gap_reached == (solution.bound == best), (seed, family)


@pytest.mark.parametrize("block", range(BLOCKS // 5))
def test_a_loose_gap_is_kept(block: int) -> None:
    """bound ≤ optimum ≤ cost, and within the gap that was asked for where that is said to be reached."""
    for seed in seeds(block):
        family, problem, best = known(seed)
        if best is None:
            continue
        solution = answer(problem, gap=0.2)
        assert solution.bound <= best <= solution.objective, (seed, family)
        if solution.gap_reached:
            assert solution.objective - best <= 0.2 * max(1, abs(solution.objective)), (seed, family)


@pytest.mark.parametrize("block", range(BLOCKS // 5))
def test_little_effort_gives_an_honest_bound(block: int) -> None:
    """bound ≤ optimum ≤ cost after little effort; a plan not found is never called impossible."""
    for seed in seeds(block):
        family, problem, best = known(seed)
        told = attempt(problem)
        if isinstance(told, Solution):
            assert best is not None, (seed, family)
            assert told.bound <= best <= told.objective, (seed, family)
        else:
            assert best is None or MORE_EFFORT in told, (seed, family)


def test_every_family_but_one_has_feasible_problems() -> None:
    """Each family but the infeasible one has feasible problems, and none has too many combinations to try."""
    feasible = dict.fromkeys(FAMILIES, 0)
    for seed in seeds(0):
        family, problem, best = known(seed)
        assert combinations(problem) <= 4 * MOST_COMBINATIONS, (seed, family)
        feasible[family] += best is not None
    assert feasible.pop("infeasible") == 0
    assert min(feasible.values()) > 0, feasible


# --- Problems that hypothesis can make smaller --------------------------------------------------------------------

BOUNDS = st.one_of(st.none(), st.integers(0, 9))
PENALTIES = st.one_of(st.none(), st.integers(0, 9))


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Up to four cases of up to three candidates, three rows of any kind, three exclusions."""
    costs = draw(st.lists(st.lists(st.integers(-9, 30), min_size=1, max_size=3), min_size=1, max_size=4))
    draft = Draft(costs, draw(st.lists(rows(), max_size=3)))
    places = [(case, k, row) for case, k in draft.actions for row in range(len(draft.rows))]
    if places:
        draft.uses = draw(st.dictionaries(st.sampled_from(places), st.integers(0, 6)))
    if len(draft.actions) > 1:
        pairs = st.lists(st.sampled_from(draft.actions), min_size=2, max_size=2, unique=True)
        draft.pairs = {(min(pair), max(pair)) for pair in draw(st.lists(pairs, max_size=3))}
    return draft


@st.composite
def rows(draw: st.DrawFn) -> Row:
    lo, hi = draw(BOUNDS), draw(BOUNDS)
    lo, hi = (hi, lo) if lo is not None and hi is not None and lo > hi else (lo, hi)
    return lo, hi, draw(PENALTIES), draw(PENALTIES)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(drafts())
def test_the_optimum_of_any_small_problem(draft: Draft) -> None:
    """Proven optimal, or infeasible as the brute force says; where it fails, hypothesis shows the smallest problem."""
    problem = draft.problem()
    best = brute_force(problem)
    try:
        solution = answer(problem)
    except BadProblem:
        assert best is None
        return
    assert (best, best) == (solution.bound, solution.objective)


# --- Realistic problems, beside a general solver ------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_a_realistic_problem_has_the_optimum_of_a_general_solver(seed: int, tmp_path: Path) -> None:
    """150 simulated cases with every family of rows: HiGHS on the plain model, built from the files, costs the same."""
    write_tables(tmp_path, 150, seed)
    best = by_highs(load(tmp_path), 60.0).objective
    solution = answer(read_problem(tmp_path))
    assert (best, best) == (solution.bound, solution.objective)


# --- Laws that need no brute force --------------------------------------------------------------------------------


def medium_problem(seed: int, cases: int = 25) -> Problem:
    """25 cases, a free dear candidate and four others, over six rows of small integers, a budget and a floor."""
    rng = np.random.default_rng(seed)
    costs = [[500, *rng.integers(20, 400, 4).tolist()] for _ in range(cases)]
    limits: list[Row] = [(None, int(rng.integers(2, 6)), None, None) for _ in range(6)]
    draft = Draft(costs, [*limits, (None, 9_000, None, None), (30, None, 15, None)])
    for case, k in draft.actions:
        if k:
            draft.uses[case, k, int(rng.integers(0, 6))] = int(rng.integers(1, 3))
            draft.uses[case, k, 6] = int(rng.integers(100, 2_000))
            draft.uses[case, k, 7] = int(rng.integers(1, 4))
    return draft.problem()


def changed(problem: Problem, **tables: pd.DataFrame) -> Problem:
    names = ("candidates", "usage", "resources", "exclusions")
    return build_problem(**{name: tables.get(name, getattr(problem, name)) for name in names})


@pytest.mark.parametrize("seed", range(3))
def test_one_unit_more_never_costs_more(seed: int) -> None:
    """The optimum does not rise when every hard upper bound rises by one."""
    problem = medium_problem(seed)
    roomier = changed(problem, resources=problem.resources.assign(hi=problem.resources["hi"] + 1))
    assert answer(roomier).bound <= answer(problem).objective


@pytest.mark.parametrize("seed", range(3))
def test_what_every_candidate_of_a_case_costs_more_the_plan_costs_more(seed: int) -> None:
    """1,000 cents on all candidates of one case raise the optimum by 1,000."""
    problem = medium_problem(seed)
    extra = 1_000 * (problem.candidates["case_id"] == "c7").astype(int)
    dearer = changed(problem, candidates=problem.candidates.assign(cost_cents=problem.candidates["cost_cents"] + extra))
    assert answer(problem).objective + 1_000 == answer(dearer).objective


@pytest.mark.parametrize("seed", range(3))
def test_names_do_not_decide_what_a_plan_costs(seed: int) -> None:
    """The optimum stays when ids are given the other way round, and so the canonical order."""
    problem = medium_problem(seed)

    def renamed(table: pd.DataFrame) -> pd.DataFrame:
        ids = [name for name in table if "_id" in name]
        return table.assign(**{name: table[name].map(_mirrored) for name in ids})

    mirrored = {name: renamed(getattr(problem, name)) for name in ("candidates", "usage", "resources", "exclusions")}
    assert answer(problem).objective == answer(build_problem(**mirrored)).objective


def _mirrored(name: str) -> str:
    """A name that sorts the other way round."""
    return "".join(chr(0x7F - ord(letter)) for letter in name)
