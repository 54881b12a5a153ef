"""A base rate is followed: little data moves little, a turn is followed within days, and nothing later is looked at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from models.calibration.following import (
    HALF_LIVES_DAYS,
    LEAST_WEIGHT,
    PRIOR_SPREAD,
    Forgetting,
    Known,
    follow,
    learn_forgetting,
)


def outcomes(rates: list[float], a_day: int, said: float = 0.1, seed: int = 1) -> Known:
    """``a_day`` outcomes on each day, drawn with that day's rate, all of which were given the same probability."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(len(rates)), a_day)
    outcome = (random.random(day.size) < np.repeat(rates, a_day)).astype(float)
    return Known(np.full(day.size, logit(said)), outcome, day, np.ones(day.size))


def test_a_few_outcomes_move_little_and_many_move_all_the_way():
    """Five failures in a row: less than half of what they suggest; a month of 30 % instead of 10 %: within 0.15."""
    few = follow(Known(np.zeros(2), np.ones(2), np.zeros(2, int), np.ones(2)), Forgetting(), 1)
    assert 0 < few.shift[-1] < 0.5
    many = follow(outcomes([0.3] * 30, 300), Forgetting(), 30)
    assert many.shift[-1] == pytest.approx(logit(0.3) - logit(0.1), abs=0.15)


def test_calibrated_outcomes_leave_the_shift_near_zero():
    """A hundred days as predicted: after two weeks never further than 0.35 from 0, on average below 0.1."""
    shift = follow(outcomes([0.1] * 100, 100), Forgetting(), 100).shift[14:]
    assert np.abs(shift).max() < 0.35
    assert np.abs(shift).mean() < 0.1


def test_a_turn_is_followed_within_days():
    """From 4 to 20 % overnight with 100 outcomes a day: within 2 points after 6 days at most, and it stays."""
    path = follow(outcomes([0.04] * 60 + [0.2] * 30, 100, 0.04), Forgetting(), 90)
    p = expit(logit(0.04) + path.on(np.arange(66, 91)))
    assert (np.abs(p - 0.2) < 0.06).all()
    assert np.abs(p.mean() - 0.2) < 0.02
    calm, after = path.weights[55, :-1], path.weights[65, :-1]
    assert calm @ np.array(HALF_LIVES_DAYS) > after @ np.array(HALF_LIVES_DAYS)


@given(seed=st.integers(0, 1000), until=st.integers(1, 20))
def test_what_counts_later_changes_nothing(seed, until):
    """The shift in force on a day is the same, bit for bit, whatever comes on that day or after."""
    known = outcomes([0.2] * 20, 5, seed=seed)
    other = Known(
        known.log_odds, np.where(known.day < until, known.outcome, 1 - known.outcome), known.day, known.weight
    )
    assert follow(known, Forgetting(), until).on(np.array([until])) == follow(other, Forgetting(), 20).on(
        np.array([until])
    )


@given(seed=st.integers(0, 1000), days=st.integers(1, 12))
def test_following_on_is_following_from_the_start(seed, days):
    """A path until a later day begins with the path until an earlier one: how often it is run changes nothing."""
    known = outcomes([0.2] * 12, 4, seed=seed)
    short, long = follow(known, Forgetting(), days), follow(known, Forgetting(), 12)
    assert (long.shift[: short.shift.size] == short.shift).all()


def test_one_day_is_the_posterior_mode_of_a_logistic_regression():
    """With one half-life and one day, δ maximises prior × likelihood, as a general minimiser finds it too."""
    known = outcomes([0.35], 40, seed=6)
    loss = lambda shift: known.losses(shift).sum() + shift**2 / (2 * PRIOR_SPREAD**2)  # noqa: E731
    expected = minimize_scalar(loss, bounds=(-5, 5), method="bounded", options={"xatol": 1e-9}).x
    assert follow(known, Forgetting((5.0,), (1.0, 0.0)), 1).shift[-1] == pytest.approx(expected, abs=1e-6)


def test_where_nothing_is_heard_the_shift_stays():
    """Long after the last outcome it is what it was then."""
    path = follow(outcomes([0.5] * 10, 50), Forgetting((2.0,), (1.0, 0.0)), 120)
    assert path.on(np.array([120]))[0] == path.on(np.array([10]))[0] > 1


def test_before_the_first_outcome_there_is_no_shift():
    """And without any outcome there is none on any day."""
    path = follow(outcomes([0.5] * 3, 5), Forgetting(), 3)
    assert path.on(np.array([-10, 0])).tolist() == [0.0, 0.0]
    nothing = outcomes([], 5)
    assert follow(nothing, Forgetting(), 9).on(np.array([0, 9, 99])).tolist() == [0.0, 0.0, 0.0]


def test_a_calm_past_begins_with_long_half_lives():
    """Where the rate swings the shortest half-life is deserved most, where it is calm no shift; none is written off."""
    calm = learn_forgetting(outcomes([0.1] * 120, 60))
    swings = learn_forgetting(outcomes(([0.05] * 8 + [0.3] * 8) * 8, 60))
    assert calm.weights[0] < swings.weights[0] / 2
    assert swings.weights[0] == max(swings.weights)
    assert calm.weights[-1] == max(calm.weights)
    for one in (calm, swings):
        assert sum(one.weights) == pytest.approx(1, abs=1e-5)
        assert min(one.weights) > LEAST_WEIGHT / 2
        assert Forgetting.from_json(one.as_json()) == one
