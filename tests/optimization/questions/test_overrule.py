"""What insisting costs lies between at least and at most; the brute force knows it."""

import pytest

from domain.errors import NotThere
from domain.money import Money
from optimization.questions.desk import Desk
from optimization.questions.overrule import overrule
from tests.optimization.questions.desks import any_desk, cost_of, solved_desk
from tests.optimization.questions.every_cost import every_cost


def check(desk: Desk) -> None:
    """Every action of every case, against the best of all choices that have it."""
    costs = every_cost(desk.problem)
    for case_id, action_id in desk.problem.candidates[["case_id", "action_id"]].itertuples(index=False):
        told = overrule(desk, case_id, action_id)
        truth = min((cost for names, cost in costs.items() if action_id in names), default=None)
        if truth is None:
            assert told.at_most_cents is None
            continue
        assert not told.impossible
        truth -= desk.solution.objective - told.bettered_cents
        assert told.at_least_cents <= truth
        if told.at_most_cents is None:
            continue
        assert truth <= told.at_most_cents
        moves = sum(one.difference_cents for one in told.displaced)
        assert moves + told.own_cents + told.penalty_cents == told.at_most_cents


@pytest.mark.parametrize("seed", range(30))
def test_the_truth_lies_between_both_ends(seed: int) -> None:
    """Of solved problems and of any choice at any prices."""
    for desk in (solved_desk(seed), any_desk(seed)):
        if desk is not None:
            check(desk)


@pytest.mark.parametrize("seed", range(30))
def test_the_ends_hold_too_where_few_cases_may_move(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one case at first on each side of a row, as in large problems."""
    monkeypatch.setattr("optimization.questions.nearby.WHOLE", 0)
    monkeypatch.setattr("optimization.questions.nearby.NEAR", 1)
    for desk in (solved_desk(seed), any_desk(seed)):
        if desk is not None:
            check(desk)


@pytest.mark.parametrize("seed", range(30))
def test_the_displaced_make_a_plan_with_the_action(seed: int) -> None:
    """Moving those who are named, and the case itself, gives a plan that costs what was said."""
    desk = solved_desk(seed)
    if desk is None:
        return
    for case_id, action_id in desk.problem.candidates[["case_id", "action_id"]].itertuples(index=False):
        told = overrule(desk, case_id, action_id)
        if told.at_most_cents is None:
            continue
        choice = dict(desk.solution.choice) | {one.case_id: one.after for one in told.displaced} | {case_id: action_id}
        assert cost_of(desk.problem, choice) == desk.solution.objective + told.at_most_cents


def test_to_insist_on_what_is_chosen_costs_nothing() -> None:
    """And nobody has to move."""
    desk = solved_desk(7)
    assert desk is not None
    case_id, action_id = next(iter(desk.solution.choice.items()))
    told = overrule(desk, case_id, action_id)
    assert (told.at_most_cents, told.displaced) == (0, ())
    assert "nobody else has to move" in told.sentence(Money("EUR"))


def test_an_unknown_case_or_action_is_said() -> None:
    """The message lists the actions that there are."""
    desk = solved_desk(7)
    assert desk is not None
    with pytest.raises(NotThere, match="no case 'x'"):
        overrule(desk, "x", "y")
    with pytest.raises(NotThere, match=r"no action 'y'; it has a0-0"):
        overrule(desk, "c0", "y")
