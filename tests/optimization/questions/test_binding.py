"""One unit more and one less: what is certified holds against the brute force under the moved limit."""

import pytest

from domain.money import Money
from optimization.questions.binding import Scarce, Step, binding
from optimization.questions.desk import Desk
from optimization.questions.nearby import nearest
from tests.optimization.problems import brute_force
from tests.optimization.questions.desks import any_desk, limited, limits_of, solved_desk, solved_desks


def moved_optimum(desk: Desk, scarce: Scarce, step: Step) -> int | None:
    """The optimum under the limit of a step."""
    lo, hi = next((lo, hi) for name, lo, hi in limits_of(desk.problem) if name == scarce.resource)
    at = (lo, step.limit) if scarce.side == "hi" else (step.limit, hi)
    return brute_force(limited(desk.problem, scarce.resource, *at))


def check(desk: Desk, units: int) -> None:
    best = brute_force(desk.problem)
    assert best is not None
    for scarce in binding(desk, units=units).dearest:
        assert best <= scarce.known_cents <= desk.solution.objective
        for step in (scarce.looser, scarce.tighter):
            if step is None:
                continue
            truth = moved_optimum(desk, scarce, step)
            if step.at_least_cents is None:
                assert truth is None
            elif truth is not None:
                assert step.at_least_cents <= truth
            if step.at_most_cents is not None:
                assert truth is not None
                assert truth <= step.at_most_cents


@pytest.mark.parametrize("seed", range(60))
def test_the_optimum_lies_between_both_ends(seed: int) -> None:
    """Under one unit more and one less, and under three, of solved problems and of any choice at any prices."""
    for desk in (solved_desk(seed), any_desk(seed)):
        if desk is not None:
            check(desk, 1)
            check(desk, 3)


@pytest.mark.parametrize("seed", range(40))
def test_the_ends_hold_too_where_few_cases_may_move(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one case on each side of the row, as in large problems."""
    monkeypatch.setattr("optimization.questions.nearby.WHOLE", 0)
    monkeypatch.setattr("optimization.questions.binding.nearest", lambda desk, rows: nearest(desk, rows, 1))
    for desk in (solved_desk(seed), any_desk(seed)):
        if desk is not None:
            check(desk, 1)


def test_where_bound_and_plan_meet_the_prices_are_certain() -> None:
    """Without a gap, one unit more saves at most its price, one less costs at least its own."""
    met = 0
    for desk in solved_desks():
        if desk.priced.value != desk.solution.objective:
            continue
        for scarce in binding(desk).dearest:
            more = None if scarce.looser is None else moved_optimum(desk, scarce, scarce.looser)
            less = None if scarce.tighter is None else moved_optimum(desk, scarce, scarce.tighter)
            if scarce.looser and more is not None:
                assert desk.solution.objective - more <= scarce.looser.price_cents
            if scarce.tighter and less is not None:
                assert less - desk.solution.objective >= scarce.tighter.price_cents
            met += 1
    assert met >= 10


def test_one_less_never_costs_less_than_one_more_is_worth() -> None:
    """Where no action becomes possible or impossible by the step."""
    compared = 0
    for seed in range(100):
        for desk in (solved_desk(seed), any_desk(seed)):
            if desk is None:
                continue
            for scarce in binding(desk).dearest:
                row = desk.names.rows[scarce.resource]
                own = slice(desk.arrays.row_start[row], desk.arrays.row_start[row + 1])
                if desk.arrays.row_amount[own].max(initial=0) >= scarce.limit and scarce.side == "hi":
                    continue
                if scarce.looser and scarce.tighter and scarce.tighter.at_least_cents is not None:
                    assert scarce.looser.price_cents <= scarce.tighter.price_cents
                    compared += 1
    assert compared >= 20


def test_in_words_it_tells_both_prices() -> None:
    """Of the dearest resource; where nothing has a price it says so."""
    said = [binding(desk).sentence(Money("EUR")) for desk in solved_desks()]
    assert any("is worth about" in one and "costs about" in one for one in said)
    assert any("nothing is scarce" in one for one in said)
