"""Why, and why not: what is said of one case agrees with the tables and with the brute force."""

from dataclasses import replace
from fractions import Fraction
from json import dumps

import pytest

from domain.errors import BadProblem, NotThere, PlanRejected
from domain.money import Money
from optimization.questions.desk import Desk, open_desk
from optimization.questions.explain import explain
from optimization.questions.gap_report import gap_report
from optimization.questions.why_not import Holder, why_not
from tests.optimization.questions.desks import any_desk, solved_desk, solved_desks
from tests.optimization.questions.every_cost import every_cost

EUR = Money("EUR")


@pytest.mark.parametrize("seed", range(60))
def test_what_is_taken_and_paid_is_in_the_tables(seed: int) -> None:
    """Cost + price × amount of every resource is the reduced cost; the others follow by opportunity cost."""
    desk = any_desk(seed)
    if desk is None:
        return
    usage = desk.problem.usage
    for case_id, action_id in desk.solution.choice.items():
        told = explain(desk, case_id)
        taken = {one.resource: one.amount for one in told.takes if one.resource in desk.names.rows}
        own = usage[(usage["action_id"] == action_id) & (usage["amount"] > 0)]
        assert taken == dict(zip(own["resource_id"], own["amount"], strict=True))
        assert told.priced_cents == told.cost_cents + sum((one.value_cents for one in told.takes), Fraction(0))
        assert told.regret_cents >= 0
        opportunities = [one.opportunity_cents for one in told.alternatives]
        assert opportunities == sorted(opportunities)
        assert told.regret_cents >= -min(
            [Fraction(0), *(one.opportunity_cents for one in told.alternatives if one.fits)]
        )


@pytest.mark.parametrize("seed", range(60))
def test_what_is_lacking_is_what_the_swap_would_break(seed: int) -> None:
    """No lack exactly where the plan with the action meets the hard rows; then the change is the brute force's."""
    for desk in (solved_desk(seed), any_desk(seed)):
        if desk is not None:
            _check_swaps(desk)


def _check_swaps(desk: Desk) -> None:
    costs = every_cost(desk.problem)
    for case_id, action_id, cost in desk.problem.candidates.itertuples(index=False):
        told = why_not(desk, case_id, action_id)
        swapped = tuple(action_id if one == case_id else desk.solution.choice[one] for one in desk.problem.case_ids)
        assert told.fits == (swapped in costs)
        assert told.difference_cents == cost - explain(desk, case_id).cost_cents
        if told.fits:
            assert told.change_cents == costs[swapped] - desk.solution.objective
        for lack in told.lacks:
            assert lack.needs > lack.left if lack.needs > 0 else lack.needs < lack.left
            _check_holders(desk, case_id, lack.resource, lack.holders, costs)


def _check_holders(
    desk: Desk, asking: str, resource: str, holders: tuple[Holder, ...], costs: dict[tuple[str, ...], int]
) -> None:
    assert asking not in [one.case_id for one in holders]
    for holder in holders:
        assert desk.solution.choice[holder.case_id] == holder.action_id
        assert resource in [one.resource for one in explain(desk, holder.case_id).takes]
        moved = tuple(
            holder.moves_to if one == holder.case_id else desk.solution.choice[one] for one in desk.problem.case_ids
        )
        assert holder.fits == (moved in costs)
        if holder.fits:
            assert holder.cost_cents == costs[moved] - desk.solution.objective


def test_in_words_it_names_who_holds_it() -> None:
    """Somewhere an action does not fit, and a case is named that would be cheapest to move."""
    said = [
        why_not(desk, case_id, action_id).sentence(EUR)
        for desk in solved_desks()
        for case_id, action_id in desk.problem.candidates[["case_id", "action_id"]].itertuples(index=False)
    ]
    assert any("does not fit: it needs" in one and "; cheapest to move is c" in one for one in said)
    assert any("and it fits" in one for one in said)
    assert any("is what c" in one for one in said)


def test_documents_are_json_and_the_same_every_time() -> None:
    """Every answer becomes JSON, twice the same text."""
    desk = any_desk(7)
    assert desk is not None
    case_id, action_id = next(iter(desk.solution.choice.items()))
    twice = [(explain(desk, case_id), why_not(desk, case_id, action_id), gap_report(desk)) for _ in range(2)]
    first, second = ([dumps(answer.document()) for answer in answers] for answers in twice)
    assert first == second
    assert '"fits": true' in first[0]


def test_who_is_not_there_is_said() -> None:
    """An unknown case, an unknown action."""
    desk = solved_desk(7)
    assert desk is not None
    with pytest.raises(NotThere, match="no case 'x'"):
        explain(desk, "x")
    with pytest.raises(NotThere, match="no action 'x'"):
        why_not(desk, "c0", "x")


def test_a_desk_refuses_a_solution_that_is_none() -> None:
    """Of another problem, with another case's action, or with another cost than it says."""
    desk = solved_desk(7)
    assert desk is not None
    solution = desk.solution
    with pytest.raises(BadProblem, match="another problem"):
        open_desk(desk.problem, replace(solution, problem_fingerprint="x"))
    with pytest.raises(PlanRejected, match="without an action"):
        open_desk(desk.problem, replace(solution, choice=dict(solution.choice) | {"c0": "a1-0"}))
    with pytest.raises(PlanRejected, match=f"costs {solution.objective}"):
        open_desk(desk.problem, replace(solution, objective=solution.objective - 1))


def test_what_no_plan_can_have_is_no_way_out() -> None:
    """It is told as impossible, and "none is cheaper" is not said of it; a floor is not called full."""
    impossible, floors = set(), set()
    for desk in [*solved_desks(), *filter(None, map(any_desk, range(100)))]:
        plans = every_cost(desk.problem)
        for case_id in desk.problem.case_ids:
            told = explain(desk, case_id)
            if "none of its" in told.sentence(EUR):
                assert all(one.opportunity_cents >= -1 for one in told.alternatives if not one.impossible)
            for other in told.alternatives:
                why = why_not(desk, case_id, other.action_id)
                assert other.impossible == (why.too_much is not None)
                assert not (other.impossible and any(other.action_id in plan for plan in plans))
                impossible.add(other.impossible and "no plan can have it" in why.sentence(EUR))
                floors |= {lack.sentence(EUR) for lack in why.lacks if lack.needs < 0}
                assert "needs -" not in why.sentence(EUR)
    assert True in impossible
    assert floors
    assert all("below its minimum" in one for one in floors)
