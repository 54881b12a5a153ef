"""A new case is quoted as solving with it would have it, and what is reserved is never promised twice."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from domain.errors import BadProblem, NoRoom, NotThere
from domain.money import Money
from optimization.problem import Problem, build_problem
from optimization.questions.desk import Desk, open_desk
from optimization.questions.ledger import Reservation
from optimization.questions.quote import NewAction, Quote, quote, reserve
from optimization.solve import solve
from tests.optimization.problems import brute_force, random_problem
from tests.optimization.questions.desks import any_desk, joined_by, solved_desk


def new_actions(desk: Desk, seed: int) -> list[NewAction]:
    """One to four actions with random costs and uses."""
    rng = np.random.default_rng(seed)
    return [
        NewAction(
            f"new-{k}",
            int(rng.integers(-5, 20)) * int(rng.choice([1, 10_000])),
            {name: int(rng.integers(0, 6)) for name in desk.names.rows if rng.random() < 0.6},
        )
        for k in range(rng.integers(1, 5))
    ]


def joined(problem: Problem, actions: list[NewAction]) -> Problem:
    """The problem with the case."""
    return joined_by(problem, "new", {one.action_id: (one.cost_cents, dict(one.uses)) for one in actions})


@pytest.mark.parametrize("block", range(6))
def test_a_quote_lies_between_what_is_certified_and_what_it_costs_at_once(block: int) -> None:
    """least ≤ optimum with the case ≤ the plan's cost + the change of any offer that fits."""
    for seed in range(30 * block, 30 * block + 30):
        for desk in (solved_desk(seed), any_desk(seed)):
            if desk is None:
                continue
            actions = new_actions(desk, seed)
            told, truth = quote(desk, actions), brute_force(joined(desk.problem, actions))
            if truth is None:
                assert told.best is None
                continue
            assert told.least_cents <= truth
            for offer in told.offers:
                assert not offer.fits or truth <= desk.solution.objective + offer.change_cents
                assert told.best is None or told.best.priced_cents <= offer.priced_cents or not offer.fits


@pytest.mark.parametrize("seed", range(30))
def test_where_nothing_binds_a_quote_is_what_solving_again_gives(seed: int) -> None:
    """With room for everything, the price is the cost, and the optimum rises by exactly that."""
    roomy = random_problem(seed)
    resources = roomy.resources.assign(lo=pd.NA, hi=1_000)
    problem = build_problem(roomy.candidates, roomy.usage, resources)
    desk = open_desk(problem, solve(problem))
    actions = new_actions(desk, seed)
    best, truth = quote(desk, actions).best, brute_force(joined(problem, actions))
    assert best is not None
    assert truth is not None
    assert truth - desk.solution.objective == best.priced_cents == best.change_cents == best.cost_cents


def dock(slots: int) -> Desk:
    """A desk with so many dock slots left."""
    problem = build_problem(
        pd.DataFrame({"case_id": ["c"], "action_id": ["a"], "cost_cents": [5]}),
        pd.DataFrame({"action_id": ["a", "a"], "resource_id": ["dock", "gate"], "amount": [2, 1]}),
        pd.DataFrame(
            {"resource_id": ["dock", "gate"], "lo": None, "hi": [slots + 2, 10_000], "penalty_lo_cents": None}
        ).assign(penalty_hi_cents=None),
    )
    return open_desk(problem, solve(problem))


def test_threads_together_never_get_more_than_there_is() -> None:
    """Of 1,000 slots eight threads that ask for three at a time get 333 times three, and no gate without a dock."""
    desk = dock(1_000)
    offer = quote(desk, [NewAction("new", 1, {"gate": 1, "dock": 3})]).best
    assert offer is not None

    def ask(_: int) -> Reservation | None:
        try:
            return reserve(desk, offer)
        except NoRoom:
            return None

    with ThreadPoolExecutor(8) as pool:
        held = [one for one in pool.map(ask, range(800)) if one is not None]
    assert len(held) == len({one.number for one in held}) == 333
    assert desk.ledger.used.tolist() == [2 + 999, 1 + 333]
    assert desk.ledger.open == tuple(sorted(held, key=lambda one: one.number))
    for one in [*held, *held]:
        desk.ledger.release(one)
    assert desk.ledger.used.tolist() == desk.used.tolist()


def test_what_is_reserved_no_longer_fits() -> None:
    """A second quote sees the reservation; to reserve all the same says which and how much is left."""
    desk = dock(3)
    first = quote(desk, [NewAction("new", 1, {"dock": 2})])
    assert first.best is not None
    reserve(desk, first.best)
    again = quote(desk, [NewAction("other", 1, {"dock": 2})])
    assert again.best is None
    assert again.sentence(Money("EUR")) == "none of the 1 actions fits now: dock has no room"
    with pytest.raises(NoRoom, match="other needs 2 of dock, of which 1 are left"):
        reserve(desk, again.offers[0])


def test_a_quote_prefers_what_leaves_scarce_things_to_others() -> None:
    """Two cases want one slot: a third one is quoted the slot's price on top, and takes the free way."""
    problem = build_problem(
        pd.DataFrame(
            [(f"c{k}", f"c{k}/{name}", cost) for k in range(2) for name, cost in (("dock", 0), ("wait", 900 + k))],
            columns=["case_id", "action_id", "cost_cents"],
        ),
        pd.DataFrame({"action_id": ["c0/dock", "c1/dock"], "resource_id": "dock", "amount": 1}),
        pd.DataFrame({"resource_id": ["dock"], "lo": None, "hi": [1], "penalty_lo_cents": None}).assign(
            penalty_hi_cents=None
        ),
    )
    desk = open_desk(problem, solve(problem))
    told: Quote = quote(desk, [NewAction("dock", 0, {"dock": 1}), NewAction("wait", 100)])
    assert [one.action_id for one in told.offers] == ["wait", "dock"]
    assert 899 <= told.offers[1].priced_cents <= 901
    assert told.best == told.offers[0]
    assert told.sentence(Money("EUR")).startswith("wait at 1.00 EUR: 1.00 EUR itself")


def test_what_cannot_be_quoted_is_said() -> None:
    """No action, an id twice, a negative amount, an unknown resource."""
    desk = dock(1)
    with pytest.raises(BadProblem, match="needs actions"):
        quote(desk, [])
    with pytest.raises(BadProblem, match="different ids"):
        quote(desk, [NewAction("a", 1), NewAction("a", 2)])
    with pytest.raises(BadProblem, match="0 or more"):
        NewAction("a", 1, {"dock": -1})
    with pytest.raises(NotThere, match="no resource 'x'"):
        quote(desk, [NewAction("a", 1, {"x": 1})])
