"""A base rate is followed: little data moves little, a turn is followed within days, and nothing later is looked at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, logit

from models.calibration.following import (
    BEND_SPREAD,
    HALF_LIVES_DAYS,
    LEAST_WEIGHT,
    PRIOR_SPREAD,
    SLOPE_SPREAD,
    Forgetting,
    Known,
    by_stage,
    follow,
    learn_forgetting,
)
from models.calibration.platt import MIN_SLOPE
from models.calibration.shift import KNOTS, Shift, shifts_of


def outcomes(rates: list[float], a_day: int, said: float = 0.1, seed: int = 1) -> Known:
    """``a_day`` outcomes on each day, drawn with that day's rate, all of which were given the same probability."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(len(rates)), a_day)
    outcome = (random.random(day.size) < np.repeat(rates, a_day)).astype(float)
    return Known(np.full(day.size, logit(said)), outcome, day, np.ones(day.size))


def around(said: float = 0.1) -> Forgetting:
    """With a slope around what was said of all: it has no say."""
    return Forgetting(around=logit(said))


def test_a_few_outcomes_move_little_and_many_move_all_the_way():
    """Five failures in a row: less than half of what they suggest; a month of 30 % instead of 10 %: within 0.15."""
    few = follow(Known(np.zeros(2), np.ones(2), np.zeros(2, int), np.ones(2)), Forgetting(), 1)
    assert 0 < few.on(1).of(np.zeros(1))[0] < 0.5
    many = follow(outcomes([0.3] * 30, 300), around(), 30)
    assert many.on(30).of(np.array([logit(0.1)])) == pytest.approx(logit(0.3), abs=0.15)


def test_calibrated_outcomes_leave_the_shift_near_zero():
    """A hundred days as predicted: after two weeks never further than 0.35 from 0, on average below 0.1."""
    path = follow(outcomes([0.1] * 100, 100), around(), 100)
    shift = path.at(np.full(87, logit(0.1)), np.arange(14, 101)) - logit(0.1)
    assert np.abs(shift).max() < 0.35
    assert np.abs(shift).mean() < 0.1


def test_a_turn_is_followed_within_days():
    """From 4 to 20 % overnight with 100 outcomes a day: within 2 points after 6 days at most, and it stays."""
    path = follow(outcomes([0.04] * 60 + [0.2] * 30, 100, 0.04), around(0.04), 90)
    p = expit(path.at(np.full(25, logit(0.04)), np.arange(66, 91)))
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
    assert follow(known, Forgetting(), until).on(until) == follow(other, Forgetting(), 20).on(until)


@given(seed=st.integers(0, 1000), days=st.integers(1, 12))
def test_following_on_is_following_from_the_start(seed, days):
    """A path until a later day begins with the path until an earlier one: how often it is run changes nothing."""
    known = outcomes([0.2] * 12, 4, seed=seed)
    short, long = follow(known, Forgetting(), days), follow(known, Forgetting(), 12)
    assert (long.learned[: len(short.learned)] == short.learned).all()


def test_where_nothing_is_heard_the_shift_stays():
    """Long after the last outcome it is what it was then."""
    path = follow(outcomes([0.5] * 10, 50), Forgetting((2.0,), (1.0, 0.0)), 120)
    assert path.on(120) == path.on(10)
    assert path.on(120).of(np.zeros(1))[0] > 1


def test_before_the_first_outcome_there_is_no_shift():
    """And without any outcome there is none on any day."""
    path = follow(outcomes([0.5] * 3, 5), Forgetting(), 3)
    assert path.on(-10) == path.on(0) == Shift()
    nothing = outcomes([], 5)
    assert {follow(nothing, Forgetting(), 9).on(day) for day in (0, 9, 99)} == {Shift()}


def test_a_calm_past_begins_with_long_half_lives():
    """Where the rate swings the shortest half-life is deserved most, where it is calm no shift; none is written off."""
    calm = learn_forgetting({"offer": outcomes([0.1] * 120, 60)})
    swings = learn_forgetting({"offer": outcomes(([0.05] * 8 + [0.3] * 8) * 8, 60)})
    assert calm.weights[0] < swings.weights[0] / 2
    assert swings.weights[0] == max(swings.weights)
    assert calm.weights[-1] == max(calm.weights)
    for one in (calm, swings):
        assert sum(one.weights) == pytest.approx(1, abs=1e-5)
        assert min(one.weights) > LEAST_WEIGHT / 2
        assert Forgetting.from_json(one.as_json()) == one


def drawn(slope: float, days: int, a_day: int = 200, seed: int = 2) -> Known:
    """Outcomes whose log-odds are what was said, spread by a factor 1 + ``slope`` around −1."""
    random = np.random.default_rng(seed)
    day, said = np.repeat(np.arange(days), a_day), random.normal(-1, 1.2, days * a_day)
    outcome = random.random(day.size) < expit(said + slope * (said + 1))
    return Known(said, outcome.astype(float), day, np.ones(day.size))


@pytest.mark.parametrize("slope", [-0.4, 0.0, 0.4])
def test_margins_that_tell_less_or_more_than_they_did_are_followed(slope):
    """After a month probabilities are spread by it within 3 points, and stay where it turns."""
    line = np.array([-3.0, -2.0, -1.0, 0.0, 1.0])
    told = follow(drawn(slope, 30), Forgetting(around=-1.0), 30).on(30)
    np.testing.assert_allclose(expit(told.of(line)), expit(line + slope * (line + 1)), atol=0.03)
    assert told.slope * slope >= 0
    assert told.around == -1.0


def test_a_slope_needs_more_than_a_handful_of_outcomes():
    """A day with ten outcomes that went against what was said moves it by less than 0.1."""
    told = follow(drawn(-0.9, 1, a_day=10), Forgetting(around=-1.0), 1)
    assert abs(told.on(1).slope) < 0.1


def bent(log_odds: np.ndarray, bends: np.ndarray) -> np.ndarray:
    """Bends between knots in straight lines, reckoned knot by knot."""
    made = np.zeros(log_odds.size)
    for place, one in enumerate(log_odds):
        right = int(np.clip(np.searchsorted(KNOTS, one), 1, KNOTS.size - 1))
        share = np.clip((one - KNOTS[right - 1]) / (KNOTS[right] - KNOTS[right - 1]), 0, 1)
        made[place] = (1 - share) * bends[right - 1] + share * bends[right]
    return made


def test_one_day_is_the_posterior_mode():
    """With one half-life and one day, shift, slope and bends maximise prior × likelihood, as a minimiser finds too."""
    known = drawn(0.3, 1, a_day=80)

    def loss(at: np.ndarray) -> float:
        spread = np.array([PRIOR_SPREAD, SLOPE_SPREAD, *[BEND_SPREAD] * KNOTS.size])
        moved = at[0] + at[1] * (known.log_odds + 1) + bent(known.log_odds, at[2:])
        return float(known.losses(known.log_odds + moved).sum() + (at**2 / (2 * spread**2)).sum())

    told = follow(known, Forgetting((5.0,), (1.0, 0.0), -1.0), 1).on(1)
    expected = minimize(loss, np.zeros(2 + KNOTS.size), tol=1e-12).x
    assert (told.by, told.slope, *told.bends) == pytest.approx(tuple(expected), abs=1e-4)


def test_what_is_amiss_in_the_middle_only_is_bent():
    """What was said to happen in 25 of 100 cases happens in 40, the seldom and the frequent as often as was said."""
    random = np.random.default_rng(5)
    day, said = np.repeat(np.arange(30), 600), np.tile(logit([0.04, 0.25, 0.9]), 30 * 200)
    came = random.random(day.size) < np.tile([0.04, 0.4, 0.9], 30 * 200)
    told = expit(follow(Known(said, came.astype(float), day, np.ones(day.size)), around(0.25), 30).on(30).of(said[:3]))
    np.testing.assert_allclose(told, [0.04, 0.4, 0.9], atol=0.02)


@given(bends=st.lists(st.floats(-9, 9), min_size=KNOTS.size, max_size=KNOTS.size), slope=st.floats(-2, 2))
def test_log_odds_keep_their_order_however_they_bend(bends, slope):
    """Bends that would turn the curve are lifted until it rises; it goes straight on beyond the knots."""
    line = np.linspace(-9, 9, 400)
    told = Shift(0.1, slope, -1.0, tuple(bends)).of(line)
    assert (np.diff(told) > 0.9 * MIN_SLOPE * np.diff(line)).all()


def test_a_row_alone_has_the_bits_that_it_has_among_others():
    """However rows are dealt out to workers, or asked one by one."""
    bent_one = Shift(0.1, 0.2, -1.0, (0.1, -0.2, 0.3, 0.0, 0.2, -0.1, 0.4))
    line = np.random.default_rng(3).normal(0, 3, 999)
    whole = bent_one.of(line)
    np.testing.assert_array_equal(np.concatenate([bent_one.of(line[k : k + 1]) for k in range(999)]), whole)
    np.testing.assert_array_equal(np.concatenate([bent_one.of(line[:10]), bent_one.of(line[10:])]), whole)


def test_bends_that_rise_are_added_as_they_are():
    """At the knots, between them, and beyond."""
    bends = np.array([0.1, -0.2, 0.3, 0.0, 0.2, -0.1, 0.4])
    line = np.array([-6.0, -3.5, -2.75, -1.0, 0.1, 1.25, 3.0, 4.0, 7.0])
    told = Shift(0.5, 0.1, -1.0, tuple(bends)).of(line)
    np.testing.assert_allclose(told, line + 0.5 + 0.1 * (line + 1) + bent(line, bends), atol=1e-12)


def test_log_odds_keep_their_order_whatever_the_slope():
    """A slope of −2 would turn them round; it is held."""
    told = Shift(0.0, -2.0, 1.0).of(np.array([-3.0, 0.0, 1.0, 4.0]))
    np.testing.assert_allclose(np.diff(told), MIN_SLOPE * np.array([3.0, 1.0, 3.0]))


def test_forgetting_from_before_there_was_a_slope_is_read():
    """It turns around log-odds of 0."""
    document = Forgetting().as_json()
    del document["around"]
    assert Forgetting.from_json(document) == Forgetting()


def test_stages_are_followed_apart():
    """One stage comes out twice as often as was said, the other half as often: each gets its own, a third gets none."""
    often, seldom = outcomes([0.2] * 40, 200), outcomes([0.05] * 40, 200, seed=2)
    known = Known(
        *(np.concatenate(pair) for pair in zip(*(vars(one).values() for one in (often, seldom)), strict=True))
    )
    stages = np.repeat(["AF", "release"], len(often))
    paths = {stage: follow(one, around(), 40) for stage, one in by_stage(known, stages).items()}
    shifts = shifts_of({stage: path.on(40) for stage, path in paths.items()})
    told = expit(shifts.of(np.full(3, logit(0.1)), np.array(["AF", "release", "X6"])))
    np.testing.assert_allclose(told, [0.2, 0.05, 0.1], atol=0.01)
    assert shifts_of(shifts.by_stage) == shifts
