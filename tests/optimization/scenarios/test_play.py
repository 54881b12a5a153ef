"""Scenarios played: the optimum is a brute force's, bounds hold, and what does not have to change stays."""

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

from domain.errors import BadProblem, BadScenario
from optimization.problem import Problem, build_problem
from optimization.scenarios.amount import Amount
from optimization.scenarios.base import Base, with_prices
from optimization.scenarios.capacity import Capacity
from optimization.scenarios.carrier_down import CarrierDown
from optimization.scenarios.change import Change
from optimization.scenarios.cost import Cost
from optimization.scenarios.demand import Demand
from optimization.scenarios.forbid import Forbid
from optimization.scenarios.play import bound_at_once, play
from optimization.scenarios.scenario import Scenario
from optimization.scenarios.situation import Situation, bare
from optimization.scenarios.where import Where
from optimization.solution import Solution
from optimization.solve import solve
from optimization.verify import verify
from tests.optimization.problems import brute_force
from tests.optimization.scenarios.situations import base_of, only_ids, random_situation, records

SEEDS = range(30)


def feasible_bases(seeds: range = SEEDS) -> list[Base]:
    bases = []
    for seed in seeds:
        try:
            bases.append(base_of(random_situation(seed)))
        except BadProblem:
            continue
    return bases


@pytest.fixture(scope="module")
def bases() -> list[Base]:
    found = feasible_bases()
    assert len(found) > 15
    return found


CHANGES: list[Change] = [
    Capacity(("*",), Amount(scale=Decimal("0.6"))),
    Capacity(("*",), Amount(add=Decimal(2))),
    Capacity(("*",), penalty_cents=3),
    Cost(Where(action=("notify",)), scale=Decimal("0.25")),
    CarrierDown(("C1",), Decimal(2)),
    Demand(Decimal("1.4")),
    Forbid(Where(action=("expedite",))),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change.kind}")
def test_the_optimum_of_a_scenario_is_that_of_a_brute_force(change: Change, bases: list[Base]) -> None:
    """Cost and bound are the brute force's; the bound at once does not lie above; the plan meets every row."""
    played = 0
    for base in bases:
        scenario = Scenario("it", (change,))
        try:
            problem = scenario.applied(base.situation).situation.build()
        except BadScenario:
            continue
        best = brute_force(problem)
        if best is None:
            (none,) = play(base, [scenario]).impossible
            assert re.search("cannot all be met: .*(needs at least|allows|exclude)", none.reason)
            continue
        one = play(base, [scenario]).scenarios[0]
        assert (one.objective_cents, one.bound_cents) == (best, best)
        assert one.at_once_cents <= best
        played += 1
    assert played > 10


def test_the_bound_at_once_is_the_dual_with_other_capacities() -> None:
    """L(p, b + Δb) = L(p, b) − Σ p·Δb in exact fractions, by hand; presolve may lift it, never lower it."""
    priced, exact = 0, 0
    for base in feasible_bases(range(100, 160)):
        more = Scenario("more", (Capacity(("*",), Amount(add=Decimal(3))),))
        changed = more.applied(base.situation).situation.build()
        prices = {name: Fraction(price) for name, price in base.solution.prices.items()}
        moved = [
            prices[row["resource_id"]] * (after["hi"] - row["hi"])
            for row, after in zip(records(base.problem.resources), records(changed.resources), strict=True)
            if prices.get(row["resource_id"], 0) > 0
        ]
        dual = by_hand(base.problem, base.solution) - sum(moved, start=Fraction())
        assert by_hand(changed, base.solution) == dual
        found = bound_at_once(changed, base.solution)
        assert found >= -(-dual // 1)
        priced += bool(moved)
        exact += found == -(-dual // 1)
    assert priced > 2
    assert exact > 5


def by_hand(problem: Problem, solution: Solution) -> Fraction:
    """The dual value of a solution's prices, in exact fractions."""
    price = {name: Fraction(value) for name, value in solution.prices.items()}
    reduced = {row["action_id"]: Fraction(row["cost_cents"]) for row in records(problem.candidates)}
    for row in records(problem.usage):
        reduced[row["action_id"]] += price.get(row["resource_id"], 0) * row["amount"]
    for pair, value in solution.exclusion_prices.items():
        for action in pair:
            reduced[action] += Fraction(value)
    lowest: dict[str, Fraction] = {}
    for row in records(problem.candidates):
        lowest[row["case_id"]] = min(lowest.get(row["case_id"], reduced[row["action_id"]]), reduced[row["action_id"]])
    bounds = [
        price[row["resource_id"]] * row["hi" if price[row["resource_id"]] > 0 else "lo"]
        for row in records(problem.resources)
        if price.get(row["resource_id"])
    ]
    of_pairs = sum(Fraction(value) for value in solution.exclusion_prices.values())
    return sum(lowest.values()) - sum(bounds, start=Fraction()) - of_pairs


def test_a_scenario_that_changes_nothing_is_the_base(bases: list[Base]) -> None:
    """The same plan to the letter, though the base be far from the best: nothing changes for nothing."""
    for base in bases:
        idle = Scenario("idle", (Cost(scale=Decimal(1)),))
        comparison = play(base, [idle])
        one = comparison.scenarios[0]
        assert one.fingerprint == comparison.base.fingerprint == base.solution.fingerprint
        assert (one.changed, one.added, one.removed, one.steps) == ((), (), (), base.solution.steps)
        assert one.objective_cents == comparison.base.objective_cents
        assert comparison.difference(one).cost_cents == 0


def test_a_case_keeps_its_action_where_another_is_as_good() -> None:
    """Ten pairs of twins, of which the base has the dearer-named: after an unrelated change it still has them."""
    names = [(f"c{case}", f"c{case}/{twin}", 5) for case in range(10) for twin in "ab"]
    candidates = pd.DataFrame(names, columns=["case_id", "action_id", "cost_cents"])
    extra = pd.DataFrame([("x", "x/a", 1), ("x", "x/b", 2)], columns=candidates.columns)
    situation = bare(build_problem(pd.concat([candidates, extra])))
    choice = {f"c{case}": f"c{case}/b" for case in range(10)} | {"x": "x/a"}
    solved = solve(situation.build())
    base = Base(situation, replace(solved, choice=choice))
    one = play(base, [Scenario("x is dear", (Cost(Where(candidate=("x/a",)), add=Decimal(1)),))]).scenarios[0]
    assert [(case.case_id, case.before, case.after) for case in one.changed] == [("x", "x/a", "x/b")]


def test_changed_cases_are_those_whose_action_differs(bases: list[Base]) -> None:
    """Counted by hand from both choices; costs are those of each situation; added and gone cases stand apart."""
    scenario = Scenario("worse", (CarrierDown(("C1",), Decimal(3)), Demand(Decimal("1.5"))))
    moved = 0
    for base in bases:
        try:
            after = scenario.applied(base.situation).situation
        except BadScenario:
            continue
        comparison = play(base, [scenario])
        if comparison.impossible:
            continue
        one = comparison.scenarios[0]
        assert one.cases == after.build().cases
        assert one.added == tuple(sorted(set(after.build().case_ids) - set(base.problem.case_ids)))
        cost = dict(zip(after.candidates["action_id"], after.candidates["cost_cents"], strict=True))
        for case in one.changed:
            assert case.before != case.after
            assert case.cost_after_cents == cost[_action_id(after, case.case_id, case.after)]
            moved += 1
        assert sum(one.moves.values()) == len(one.changed)
        assert sum(one.actions.values()) == one.cases
    assert moved > 5


def _action_id(situation: Situation, case: str, label: str) -> str:
    table = situation.candidates
    found: str = table.loc[(table["case_id"] == case) & (table["label"] == label), "action_id"].iloc[0]
    return found


def test_service_adds_up_from_the_chosen_actions(bases: list[Base]) -> None:
    """Σ P(late) over the cases that have one, and parts that add up to the cost but for penalties."""
    for base in bases:
        one = play(base, []).base
        taken = [row for row in records(base.situation.candidates) if row["action_id"] in base.solution.choice.values()]
        late = [row["p_late"] for row in taken if row["p_late"] is not None]
        assert one.service.timed == len(late)
        assert one.service.expected_late == (pytest.approx(sum(late), abs=1e-6) if late else None)
        parts = [sum(row[f"{part}_cents"] for row in taken) for part in ("direct", "handling", "failure")]
        assert [one.service.direct_cents, one.service.handling_cents, one.service.failure_cents] == parts


def test_a_fallback_is_the_cheapest_other_action_there_is_room_for(bases: list[Base]) -> None:
    """Tried one by one: the whole plan with one case's action swapped, verified and priced from scratch."""
    found = 0
    for base in bases:
        problem = base.problem
        labels = {row["action_id"]: row["label"] for row in records(base.situation.candidates)}
        for case in play(base, []).base.at_risk:
            costs = []
            for row in records(problem.candidates):
                mine = base.solution.choice[case.case_id]
                if row["case_id"] == case.case_id and row["action_id"] != mine:
                    costs += swapped(problem, base.solution, case.case_id, row["action_id"])
            best = min(costs, default=None)
            assert case.fallback_more_cents == (None if best is None else best[0])
            assert case.fallback is None or (case.fallback_more_cents, case.fallback) in [
                (more, labels[action]) for more, action in costs
            ]
            found += best is not None
    assert found > 20


def swapped(problem: Problem, solution: Solution, case: str, action: str) -> list[tuple[int, str]]:
    """Cents more with one action swapped; nothing where a hard row has no room."""
    candidates = problem.candidates
    choice = {**solution.choice, case: action}
    only = candidates[candidates["action_id"].isin(choice.values())]
    uses = problem.usage[problem.usage["action_id"].isin(choice.values())]
    pairs = problem.exclusions
    kept = pairs[pairs["action_id_1"].isin(choice.values()) & pairs["action_id_2"].isin(choice.values())]
    cost = brute_force(build_problem(only, uses, problem.resources, kept))
    return [] if cost is None else [(cost - solution.objective, action)]


def test_what_binds_has_a_price_or_nothing_left(bases: list[Base]) -> None:
    """Use counted by hand; dearest first."""
    for base in bases:
        problem, chosen = base.problem, set(base.solution.choice.values())
        used: dict[str, int] = {}
        for row in records(problem.usage):
            used[row["resource_id"]] = used.get(row["resource_id"], 0) + row["amount"] * (row["action_id"] in chosen)
        wanted = {
            row["resource_id"]
            for row in records(problem.resources)
            if round(base.solution.prices.get(row["resource_id"], 0.0), 6)
            or (row["hi"] is not None and used.get(row["resource_id"], 0) >= row["hi"] > 0)
        }
        binding = play(base, []).base.binding
        assert {one.resource_id for one in binding} == wanted
        assert all(one.used == used.get(one.resource_id, 0) for one in binding)
        worth = [abs(one.price_cents) * one.used for one in binding]
        assert worth == sorted(worth, reverse=True)


def test_of_a_folder_costs_and_changes_are_told(bases: list[Base]) -> None:
    """Ids stand for actions; risk is the cost; nothing is said of service."""
    for base in bases:
        known = Base(only_ids(base.situation), base.solution)
        one = play(known, [Scenario("less", (Capacity(("*",), Amount(add=Decimal(1))),))]).scenarios[0]
        assert (one.service.expected_late, one.service.failure_cents, one.actions, one.moves) == (None, None, {}, {})
        assert all(case.action in set(known.situation.candidates["action_id"]) for case in one.at_risk)


def test_the_difference_is_certified_from_both_sides() -> None:
    """The best plan then costs between bound then − cost now and cost then − bound now more."""
    base = feasible_bases()[0]
    far = replace(base.solution, bound=base.solution.objective - 10)
    comparison = play(Base(base.situation, far), [Scenario("dear", (Cost(add=Decimal(1)),))])
    more = comparison.difference(comparison.scenarios[0])
    cases = 100 * base.problem.cases
    assert (more.at_least_cents, more.cost_cents, more.at_most_cents) == (cases, cases, cases + 10)


def test_prices_are_found_again_where_they_were_not_kept(bases: list[Base]) -> None:
    """A choice without prices gets some that prove a bound; one with prices keeps its own."""
    for base in bases[:10]:
        problem = base.problem
        lost = replace(base.solution, prices={}, exclusion_prices={}, priced_bound=-(2**62))
        again = with_prices(problem, lost)
        verify(problem, again)
        assert (again.choice, again.objective, again.bound) == (lost.choice, lost.objective, lost.bound)
        assert -(-by_hand(problem, again) // 1) <= again.priced_bound <= lost.objective
        assert with_prices(problem, base.solution) is base.solution


@pytest.mark.parametrize(
    ("scenarios", "said"),
    [
        ([Scenario("a"), Scenario("b"), Scenario("a")], "two scenarios are named 'a'"),
        ([Scenario("as planned")], "no scenario may be named 'as planned'"),
    ],
)
def test_names_side_by_side_are_different(scenarios: list[Scenario], said: str) -> None:
    with pytest.raises(BadScenario, match=said):
        play(feasible_bases()[0], scenarios)


def test_the_same_batch_gives_the_same_result_in_any_company(bases: list[Base]) -> None:
    """Each scenario is played against the base, not against the one before it."""
    one, two = (Scenario(name, (change,)) for name, change in (("one", CHANGES[1]), ("two", CHANGES[3])))
    for base in bases[:10]:
        both, alone = play(base, [one, two]), play(base, [two])
        assert both.scenarios[1] == alone.scenarios[0]


def test_amounts_are_exact() -> None:
    """0.29 of 100 is 29, which binary fractions miss; what is taken beyond nothing is nothing."""
    assert Amount(scale=Decimal("0.29")).of(100) == 29
    assert Amount(scale=Decimal("1.1")).of(2**60) == (2**60 * 11) // 10
    assert Amount(add=Decimal(-5)).of(3) == 0
    assert Amount(set=Decimal("2.5")).of(7, 100) == 250


def test_progress_names_each_scenario() -> None:
    names: list[str] = []
    play(feasible_bases()[0], [Scenario("one"), Scenario("two")], progress=names.append)
    assert [name.partition(", which costs at least ")[0] for name in names] == ["one", "two"]


def test_what_more_effort_alone_makes_of_the_base_stands_beside(bases: list[Base]) -> None:
    """Of a base that is not proven best: solved again without a change, so that no scenario is credited with it."""
    base = next(one for one in bases if one.problem.cases > 2 and worse(one))
    bad = Base(base.situation, worse(base)[0])
    comparison = play(bad, [Scenario("dear", (Cost(add=Decimal(1)),))])
    assert comparison.again is not None
    assert comparison.again.objective_cents == base.solution.objective < bad.solution.objective
    assert comparison.again.changed != ()
    same = comparison.difference(comparison.again)
    assert (same.at_least_cents, same.at_most_cents) == (0, 0)
    assert [one.name for one in comparison.columns] == ["as planned", "solved again", "dear"]
    assert play(base, [Scenario("dear", (Cost(add=Decimal(1)),))]).again is None


def worse(base: Base) -> list[Solution]:
    """Solutions with one action swapped for another that there is room for, and that costs more."""
    problem, solution = base.problem, base.solution
    found = []
    for row in records(problem.candidates):
        for more, action in swapped(problem, solution, row["case_id"], row["action_id"]):
            if more > 0:
                choice = {**solution.choice, row["case_id"]: action}
                found.append(replace(solution, choice=choice, objective=solution.objective + more, bound=-(10**9)))
    return found
