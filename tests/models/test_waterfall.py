"""The waterfall's dynamic programme against brute force, chance and the laws of dispatch."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import LanewiseError
from models.waterfall import COST, Figures, Waterfall, best_plan, follow

MOST = settings(max_examples=40, deadline=None)


def waterfall(seed: int, carriers: int = 3, steps: int = 8, prices: int = 2, longest: int = 3) -> Waterfall:
    """A random one: more time and more money never raise a refusal, more refusals never lower it."""
    draw = np.random.default_rng(seed)
    steady = np.sort(draw.uniform(0.1, 0.9, (carriers, prices)), axis=1)[:, ::-1]
    late = np.sort(draw.uniform(0, 0.1, steps + 1))[::-1]
    deep = np.sort(draw.uniform(0, 0.1, carriers))
    p_fail = np.clip(steady[None, None] + late[None, :, None, None] + deep[:, None, None, None], 0, 1)
    accepts, refuses = np.zeros((2, carriers, longest + 1))
    accepts[:, 1:], refuses[:, 1:] = draw.dirichlet(np.ones(longest + 1), (2, carriers))[..., :longest]
    asked = np.sort(draw.uniform(80, 130, (carriers, prices)), axis=1)
    spot = np.sort(draw.uniform(120, 220, steps + 1))[::-1]
    return Waterfall(asked, p_fail, accepts, refuses, spot, handling=draw.uniform(0, 5), step_min=15.0)


def brute_force(w: Waterfall, asked: tuple[int, ...] = (), left: int | None = None) -> float:
    """Least expected cost by trying everything at every turn, one branch of chance after another."""
    left = w.steps if left is None else left
    best = float(w.spot[left])
    for carrier in set(range(len(w.prices))) - set(asked):
        for price in range(w.prices.shape[1]):
            fails = w.p_fail[len(asked), left, carrier, price]
            cost = w.handling
            in_time = 0.0
            for step in range(1, min(left, w.accepts.shape[1] - 1) + 1):
                accepted, refused = (1 - fails) * w.accepts[carrier, step], fails * w.refuses[carrier, step]
                cost += accepted * w.prices[carrier, price]
                cost += refused * brute_force(w, (*asked, carrier), left - step)
                in_time += accepted + refused
            cost += (1 - in_time) * w.spot[0]
            best = min(best, float(cost))
    return best


def lived_through(w: Waterfall, order: tuple[int, ...], draw: np.random.Generator) -> tuple[float, float, float, float]:
    """One load's way down a fixed order: cost, covered, offers, hours."""
    left, cost = w.steps, 0.0
    for depth, carrier in enumerate(order):
        if left == 0:
            return cost + w.spot[0], 0.0, depth, w.steps * w.step_min / 60
        cost += w.handling
        refuses = draw.random() < w.p_fail[depth, left, carrier, 0]
        law = (w.refuses if refuses else w.accepts)[carrier]
        waits = int(draw.choice(law.size + 1, p=[*law, 1 - law.sum()]))
        waits = w.steps + 1 if waits == law.size else waits
        if waits > left:
            return cost + w.spot[0], 0.0, depth + 1, w.steps * w.step_min / 60
        left -= waits
        if not refuses:
            return cost + w.prices[carrier, 0], 1.0, depth + 1, (w.steps - left) * w.step_min / 60
    return cost + w.spot[left], 0.0, len(order), (w.steps - left) * w.step_min / 60


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_is_cheaper_than_the_best(seed: int) -> None:
    """The dynamic programme finds what trying every carrier and price at every turn finds."""
    one = waterfall(seed, carriers=3, steps=6)
    assert best_plan(one).figures.cost == pytest.approx(brute_force(one), rel=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_with_steady_answers_the_best_plan_is_the_best_order(seed: int) -> None:
    """Where each answer takes one step, how time runs is known: no order beats the plan, and one reaches it."""
    one = waterfall(seed, carriers=4, steps=9, prices=1, longest=1)
    at_once = np.array([[0.0, 1.0]] * 4)
    one = replace(one, spot=np.full_like(one.spot, 400.0), accepts=at_once, refuses=at_once)
    orders = [follow(one, order).cost for size in range(5) for order in permutations(range(4), size)]
    plan = best_plan(one)
    assert plan.figures.cost == pytest.approx(min(orders), rel=1e-12)
    assert follow(one, [offer.carrier for offer in plan.order()]) == plan.figures


@pytest.mark.parametrize("seed", range(4))
def test_a_fixed_order_comes_to_what_chance_comes_to(seed: int) -> None:
    """Means of 8,000 loads lived through one by one lie within four standard errors."""
    one, draw = waterfall(seed, carriers=4, steps=7), np.random.default_rng(seed)
    order = tuple(map(int, draw.permutation(4)))
    lived = np.array([lived_through(one, order, draw) for _ in range(8_000)])
    said = follow(one, order)
    error = lived.std(axis=0) / np.sqrt(len(lived))
    expected = np.array([said.cost, said.p_covered, said.depth, said.hours_lost])
    assert (np.abs(lived.mean(axis=0) - expected) < 4 * error + 1e-9).all()


@MOST
@given(seed=st.integers(0, 10_000), carriers=st.integers(1, 5), steps=st.integers(1, 12))
def test_the_laws_of_a_waterfall(seed: int, carriers: int, steps: int) -> None:
    """Probabilities are some, an offer is made at most once to each, time lost is no more than there is."""
    one = waterfall(seed, carriers, steps)
    plan = best_plan(one)
    for said in (plan.figures, follow(one, range(carriers))):
        assert 0 <= said.p_covered <= 1 + 1e-12
        assert 0 <= said.depth <= carriers + 1e-12
        assert 0 <= said.hours_lost <= steps * one.step_min / 60 + 1e-9
        assert plan.figures.cost <= said.cost + 1e-9
    assert plan.figures.cost <= one.spot[-1]
    assert len({offer.carrier for offer in plan.order()}) == len(plan.order())


@MOST
@given(seed=st.integers(0, 10_000), steps=st.integers(2, 12))
def test_more_time_never_hurts(seed: int, steps: int) -> None:
    """With the last steps of time taken away the best plan is no cheaper."""
    one = waterfall(seed, steps=steps)
    less = replace(one, spot=one.spot[:-1], p_fail=one.p_fail[:, :-1])
    assert best_plan(one).figures.cost <= best_plan(less).figures.cost + 1e-9


@MOST
@given(seed=st.integers(0, 10_000), carriers=st.integers(2, 5))
def test_one_more_carrier_never_hurts(seed: int, carriers: int) -> None:
    """Nobody has to be asked."""
    one = waterfall(seed, carriers)
    kept = slice(0, carriers - 1)
    fewer = replace(
        one,
        prices=one.prices[kept],
        p_fail=one.p_fail[kept, :, kept],
        accepts=one.accepts[kept],
        refuses=one.refuses[kept],
    )
    assert best_plan(one).figures.cost <= best_plan(fewer).figures.cost + 1e-9


def test_who_asks_nobody_pays_spot() -> None:
    """Where spot costs less than any carrier the plan is to go there at once."""
    one = waterfall(3)
    cheap = replace(one, spot=np.full_like(one.spot, 10.0))
    plan = best_plan(cheap)
    assert plan.order() == ()
    assert plan.figures == follow(cheap, []) == Figures(10.0, 0.0, 0.0, 0.0)


def test_an_answer_that_comes_too_late_is_none() -> None:
    """With one step left and answers after two, the load goes to spot when time is up."""
    one = waterfall(5, carriers=1, steps=1, longest=2)
    slow = replace(one, accepts=np.array([[0.0, 0.0, 1.0]]), refuses=np.array([[0.0, 0.0, 1.0]]))
    said = follow(slow, [0])
    assert said == Figures(pytest.approx(slow.handling + slow.spot[0]), 0.0, 1.0, 0.25)
    assert slow.asked(0, 0, slow.settled)[1, 0, COST] == pytest.approx(said.cost)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"p_fail": np.full((3, 9, 3, 2), 1.5)}, "from 0 to 1"),
        ({"p_fail": np.full((3, 8, 3, 2), 0.5)}, "shape"),
        ({"accepts": np.full((3, 4), 0.25)}, "none for 0 steps"),
        ({"refuses": np.array([[0.0, 0.6, 0.6, 0.0]] * 3)}, "sum to 1 at most"),
        ({"accepts": np.zeros((3, 9))}, "one shape with 3 rows"),
        ({"prices": np.ones((9, 2))}, "1 to 8 carriers"),
    ],
)
def test_what_is_no_waterfall_is_refused(wrong: dict[str, np.ndarray], words: str) -> None:
    """Probabilities beyond 0 and 1, shapes that do not fit, answers before the question, too many carriers."""
    with pytest.raises(LanewiseError, match=words):
        replace(waterfall(1), **wrong)
