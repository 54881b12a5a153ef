"""Bets are fair while the predictions hold, whenever one looks, and win once they are off."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import bernoulli

from training.drift.betting import (
    BETS,
    SLOPES,
    STEPS,
    Books,
    Tolerance,
    ceilings,
    log_mean,
    log_wealth,
    open_books,
)
from training.drift.watch import began, spells_of, watch

EVERY_DAYS = 30.0


def books_of(margin, days, count: int, up=0.2, down=0.2, member=None, weight=None) -> Books:
    """Books of one stream, or of those given."""
    member = np.ones((1, margin.size), bool) if member is None else member
    streams = len(member)
    weight = np.full(streams, 1 / streams) if weight is None else weight
    allowed = Tolerance(np.full(streams, up), np.full(streams, down))
    stage = np.zeros(streams, int)
    return open_books(allowed, weight, np.full(streams, margin.mean()), stage, margin, days, member, count)


def course(seed: int, days: int, a_day: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds and days of outcomes."""
    random = np.random.default_rng(seed)
    return random.normal(-1.6, 0.9, days * a_day), np.repeat(np.arange(days), a_day)


def alternatives(margin: float, centre: float, up: float, down: float) -> list[tuple[float, float]]:
    """What each bet believes and the allowed shift nearest to it, written down one by one."""
    believed = [up + step for step in STEPS] + [-down - step for step in STEPS]
    believed += [(slope - 1) * (margin - centre) for slope in SLOPES]
    return [(theta, min(max(theta, -down), up)) for theta in believed]


@given(
    margin=st.lists(st.floats(-4, 4), min_size=2, max_size=6),
    up=st.floats(0, 1),
    down=st.floats(0, 1),
    where=st.floats(0, 1),
)
def test_a_factor_is_the_ratio_of_likelihoods_and_never_expects_to_win(margin, up, down, where):
    """Oracle: scipy's Bernoulli, outcome by outcome; for every allowed true shift the mean factor is at most 1."""
    m = np.array(margin)
    books = books_of(m, np.arange(m.size), m.size, up, down)
    no_spread = np.ones((1, m.size))
    factor = [books.factors(books.sums(np.full(m.size, y)), no_spread)[0] for y in (0.0, 1.0)]
    for day, one in enumerate(m):
        p = float(expit(one - down + where * (up + down)))
        for bet, (theta, a) in enumerate(alternatives(one, float(m.mean()), up, down)):
            for y in (0, 1):
                ratio = bernoulli.logpmf(y, expit(one + theta)) - bernoulli.logpmf(y, expit(one + a))
                assert factor[y][bet, day] == pytest.approx(ratio, abs=1e-9)
            assert (1 - p) * np.exp(factor[0][bet, day]) + p * np.exp(factor[1][bet, day]) <= 1 + 1e-9


@pytest.mark.parametrize("shift", [0.0, 0.2, -0.2])
def test_the_probability_that_an_e_value_ever_exceeds_its_bound_is_at_most_one_in_it(shift):
    """Ville: over 400 courses of 60 days, wealth ever reaches 10 in at most 10 % of them, 20 in 5 %, as does a
    gambler who multiplies by hand."""
    margin, days = course(1, 60, 20)
    came = np.random.default_rng(2).random((400, margin.size)) < expit(margin + shift)
    found = watch(books_of(margin, days, 60), came.astype(float), EVERY_DAYS)
    reached = found.wealth[:, 0].max(axis=-1)
    q, p = expit(margin + 0.9), expit(margin + 0.2)
    by_hand = np.cumprod(np.where(came, q / p, (1 - q) / (1 - p)), axis=1).max(axis=1)
    for bound in (10, 20):
        slack = 3 * np.sqrt((1 / bound) * (1 - 1 / bound) / 400)
        assert (reached >= np.log(bound)).mean() <= 1 / bound + slack
        assert (by_hand >= bound).mean() <= 1 / bound + slack


def test_the_mean_run_length_to_a_false_alarm_is_at_least_what_was_asked_for():
    """At the edge of what is allowed, where it is shortest: over 200 courses of 90 days, no fewer than 30 days."""
    margin, days = course(3, 90, 20)
    came = np.random.default_rng(4).random((200, margin.size)) < expit(margin + 0.2)
    found = watch(books_of(margin, days, 90), came.astype(float), EVERY_DAYS)
    stands = found.overall >= found.threshold
    length = np.where(stands.any(axis=1), stands.argmax(axis=1) + 1, 90)
    assert length.mean() >= EVERY_DAYS


def test_evidence_of_streams_is_the_weighted_mean():
    """Oracle: exponentials added up."""
    factors = np.random.default_rng(6).normal(0, 0.3, (2, BETS, 9))
    weight = np.random.default_rng(7).dirichlet(np.ones(2 * BETS)).reshape(2, BETS)
    plain = np.log((np.exp(log_wealth(factors)) * weight[:, :, None]).sum(axis=(0, 1)))
    assert log_mean(log_wealth(factors), weight, (-3, -2)) == pytest.approx(plain)
    assert np.isinf(ceilings(np.array([0.0]), 3.0)).all()


@pytest.mark.parametrize("wrong", ["up", "down", "flat"])
def test_a_planted_shift_is_found_within_three_days(wrong):
    """In at least 90 % of 100 courses, with 300 outcomes a day, and its first day is told to within four."""
    margin, days = course(8, 40, 300)
    after = days >= 30
    off = {"up": margin + 1.0, "down": margin - 1.0, "flat": margin.mean() + 0.1 * (margin - margin.mean())}[wrong]
    came = np.random.default_rng(9).random((100, margin.size)) < expit(np.where(after, off, margin))
    books = books_of(margin, days, 40)
    stands = (found := watch(books, came.astype(float), EVERY_DAYS)).overall >= found.threshold
    assert (stands[:, 30:33].any(axis=1) & ~stands[:, 29]).mean() >= 0.9
    one = watch(books, came[0].astype(float), EVERY_DAYS)
    (spell,) = spells_of(one)
    assert 30 <= spell.first <= 33
    assert spell.last == 39
    assert abs(began(books, came[0].astype(float), one, spell) - 30) <= 4


def test_the_stream_that_is_off_is_named():
    """Of three carriers one goes wrong: the alarm names it and not the whole."""
    margin, days = course(10, 40, 300)
    carrier = np.random.default_rng(11).integers(0, 3, margin.size)
    member = np.stack([np.ones(margin.size, bool), *(carrier == k for k in range(3))])
    off = margin + np.where((days >= 30) & (carrier == 1), 1.8, 0.0)
    came = (np.random.default_rng(12).random(margin.size) < expit(off)).astype(float)
    books = books_of(margin, days, 40, member=member, weight=np.array([0.5, 1 / 6, 1 / 6, 1 / 6]))
    (spell,) = spells_of(watch(books, came, EVERY_DAYS))
    assert spell.stream == 2


def test_an_alarm_ends_once_its_cause_has():
    """A shift of ten days is alarmed during it and over within two weeks after it."""
    margin, days = course(13, 70, 200)
    off = margin + np.where((days >= 30) & (days < 40), 1.0, 0.0)
    came = (np.random.default_rng(14).random(margin.size) < expit(off)).astype(float)
    (spell,) = spells_of(watch(books_of(margin, days, 70), came, EVERY_DAYS))
    assert 30 <= spell.first < 40
    assert 39 <= spell.last < 54


def test_a_stream_in_which_no_shift_matters_is_silent():
    """With infinite tolerance nothing is bet, however wrong the predictions are."""
    margin, days = course(15, 200, 20)
    books = books_of(margin, days, 200, np.inf, np.inf)
    found = watch(books, np.ones(margin.size), EVERY_DAYS)
    assert np.isneginf(found.overall).all()


def test_days_that_swing_are_not_an_alarm():
    """Whole days differ by half a unit of log-odds around right predictions: at most an alarm in two months, 30 × 4."""
    margin, days = course(16, 120, 200)
    random = np.random.default_rng(17)
    swing = 0.5 * random.standard_normal((30, 120))[:, days]
    came = random.random((30, margin.size)) < expit(margin + swing)
    found = watch(books_of(margin, days, 120), came.astype(float), EVERY_DAYS)
    stands = found.overall >= found.threshold
    assert (stands[:, 1:] & ~stands[:, :-1]).sum() <= 60
