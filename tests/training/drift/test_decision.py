"""What a wrong probability costs: never a gain, nothing where no decision changes, and what is tolerable is found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from domain.params import CostParams
from training.drift.decision import decision_at
from training.drift.shift import USUAL, shift_of
from training.drift.tolerance import GRID, tolerated

DECISION = decision_at(CostParams())
PROBABILITY = st.floats(0, 1)


def by_hand(p: float, failure: float) -> tuple[int, list[float]]:
    """Place of the cheapest choice and the costs of all, written out from the catalogue's shares and minutes."""
    fixed = [0.0, 1.0 + 2 * 0.7, 12 * 0.7, 150.0 + 10 * 0.7]
    costs = [sum_ + (1 - relief) * p * failure for sum_, relief in zip(fixed, (0, 0.15, 0.25, 0.5), strict=True)]
    return costs.index(min(costs)), costs


@given(said=PROBABILITY, true=PROBABILITY, failure=st.floats(0, 5_000))
def test_regret_is_what_the_other_choice_would_have_saved(said, true, failure):
    """Oracle: four choices reckoned by hand; never below 0, and 0 where the probability is right."""
    taken, (_, costs) = by_hand(said, failure)[0], by_hand(true, failure)
    found = DECISION.regret(np.array([said]), np.array([true]), np.array([failure]))[0]
    assert found == pytest.approx(costs[taken] - min(costs), abs=1e-9)
    assert found >= 0
    assert DECISION.regret(np.array([true]), np.array([true]), np.array([failure]))[0] == 0


def test_a_tolerated_shift_costs_no_more_than_its_share_and_the_next_one_does():
    """To the step of the grid; a stream of half of the rows tolerates more than the whole."""
    random = np.random.default_rng(1)
    margin, failure = random.normal(-1.5, 1, 2_000), np.full(2_000, 250.0)
    member = np.stack([np.ones(2_000, bool), np.arange(2_000) % 2 == 0])
    found = tolerated(DECISION, margin, failure, member, 0.002)
    stake = DECISION.expected(expit(margin), failure).sum()
    for side, sign in ((found.up, 1), (found.down, -1)):
        assert side[1] > side[0]
        for place, rows in enumerate(member):
            lost = [
                DECISION.regret(expit(margin[rows]), expit(margin[rows] + sign * by), failure[rows]).sum() / stake
                for by in (side[place], side[place] + GRID[0])
            ]
            assert lost[0] <= 0.002 < lost[1]


def test_where_failures_cost_nothing_no_shift_matters():
    """Every shift is tolerated."""
    found = tolerated(DECISION, np.linspace(-3, 1, 50), np.zeros(50), np.ones((1, 50), bool), 0.001)
    assert np.isinf(found.up).all()
    assert np.isinf(found.down).all()


def test_shift_and_slope_are_the_likeliest():
    """Oracle: a general minimiser of the penalised log loss; the interval covers what was planted."""
    random = np.random.default_rng(2)
    margin = random.normal(-1, 1.2, 3_000)
    happened = (random.random(3_000) < expit(margin.mean() + 0.6 * (margin - margin.mean()) + 0.5)).astype(float)
    found = shift_of(margin, happened)

    def loss(at: np.ndarray) -> float:
        z = margin.mean() + at[1] * (margin - margin.mean()) + at[0]
        prior = (((at - np.array([0, 1])) / USUAL) ** 2).sum() / 2
        return float(np.sum(np.logaddexp(0, z) - happened * z) + prior)

    best = minimize(loss, np.array([0.0, 1.0]), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-8}).x
    assert (found.value, found.slope) == pytest.approx(tuple(best), abs=1e-4)
    assert found.low < 0.5 < found.high
    assert abs(float(found.right(margin).mean()) - happened.mean()) < 0.01


def test_no_outcomes_tell_of_no_shift():
    """The estimate is what was thought before, with its whole width."""
    found = shift_of(np.array([]), np.array([]))
    assert (found.value, found.slope) == (0.0, 1.0)
    assert found.high == pytest.approx(1.96 * USUAL[0], rel=1e-3)
